import { DTYPES, type Dtype } from "../../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { partner, wrongTensor, wrongValue } from "../partner-tensors.js";
import { torchDtype, unreadFormat } from "../stated-config.js";
import { PACKINGS, type Packing } from "./block-packing.js";

/** What HQQ keeps of a layer in small tensors beside its codes: numbers in scalars, strings as character codes. */
export interface HqqSettings {
  /** "model.layers.0.mlp.up_proj": the weight is `${module}.weight`. */
  readonly module: string;
  /** Of a code, 1 to 8; 2 for three levels (1.58 bits). */
  readonly bits: number;
  readonly packing: Packing;
  /** [outputs, inputs]. */
  readonly shape: readonly [number, number];
  /** The axis of the reshaped matrix along which a group lies: 1 rows [·, groupSize], 0 columns [groupSize, ·]. */
  readonly axis: 0 | 1;
  readonly groupSize: number;
  /** False: one scale for the whole layer, whose matrix is not reshaped. */
  readonly isGrouped: boolean;
  /** Dtype that HQQ computes in: that of the original. */
  readonly dtype: Dtype;
}

/** Tensors of a layer that hold a setting, and of those that hold its weight. */
const SETTINGS = [
  "nbits",
  "group_size",
  "shape",
  "axis",
  "packing",
  "unpack_view_dtype",
  "view_as_float",
  "compute_dtype",
  "channel_wise",
  "optimize",
  "round_zero",
  "quant_scale",
  "quant_zero",
  "stores_quant_config",
  "encoded_state_dict",
  "offload_meta",
] as const;
const ARRAYS = ["W_q", "scale", "zero", "zero_scale"] as const;

/** Every tensor of a layer but its bias. */
export function hqqTensors(checkpoint: Checkpoint, module: string): readonly CheckpointTensor[] {
  return [...ARRAYS, ...SETTINGS].flatMap((key) => checkpoint.tensor(`${module}.${key}`) ?? []);
}

/**
 * @throws `layouts/missing-partner`, `layouts/wrong-tensor`, `layouts/wrong-value`, `layouts/unread-format` for scales that
 * are quantized themselves
 */
export function hqqSettings(checkpoint: Checkpoint, module: string): HqqSettings {
  const read = new SettingReader(checkpoint, module);
  for (const key of ["quant_scale", "quant_zero"]) {
    if (read.number(key, 0) !== 0)
      throw unreadFormat(`The scales of ${module} are`, `${key} 1`, ["plain scales and zeros"]);
  }
  const name = read.text("packing");
  const packing = PACKINGS[name];
  if (packing === undefined) {
    throw wrongValue(
      "hqq",
      `${module}.packing`,
      `names ${name.slice(0, 40)}; packings are ${Object.keys(PACKINGS).join(", ")}`,
    );
  }
  const nbits = read.number("nbits");
  const bits = packing.bits === 8 ? nbits : packing.bits;
  // Of 1.58 bits an F32 keeps 1.5800000429.
  const fits = packing.bits === 8 ? [8, 6, 5].includes(nbits) : Math.ceil(nbits) === packing.bits;
  if (!fits) throw wrongValue("hqq", `${module}.nbits`, `holds ${nbits}, which ${name} does not pack`);
  const shape = read.numbers("shape");
  if (shape.length !== 2 || shape.some((size) => !(size > 0 && size < 2 ** 31))) {
    throw wrongValue("hqq", `${module}.shape`, `holds [${shape.slice(0, 4).join(", ")}]; two sizes are needed`);
  }
  const axis = read.number("axis");
  if (axis !== 0 && axis !== 1) throw wrongValue("hqq", `${module}.axis`, `holds ${axis}; axes are 0 and 1`);
  const [rows, columns] = shape as [number, number];
  const isGrouped = read.number("channel_wise", 1) !== 0;
  const groupSize = read.number("group_size", axis === 1 ? columns : rows);
  if (isGrouped && !(Number.isInteger(groupSize) && groupSize > 0 && (rows * columns) % groupSize === 0)) {
    throw wrongValue(
      "hqq",
      `${module}.group_size`,
      `holds ${groupSize}, which does not divide ${rows} × ${columns} weights`,
    );
  }
  const dtype = torchDtype(read.text("compute_dtype", "torch.float16"));
  if (dtype === undefined) {
    throw wrongValue("hqq", `${module}.compute_dtype`, "names no torch.float16, torch.bfloat16 or torch.float32");
  }
  return { module, bits, packing, shape: [rows, columns], axis, groupSize, isGrouped, dtype };
}

/** Numbers and names of the small tensors; never anything that is evaluated. */
class SettingReader {
  readonly #checkpoint: Checkpoint;
  readonly #module: string;

  constructor(checkpoint: Checkpoint, module: string) {
    this.#checkpoint = checkpoint;
    this.#module = module;
  }

  number(key: string, absent?: number): number {
    if (absent !== undefined && this.#checkpoint.tensor(`${this.#module}.${key}`) === undefined) return absent;
    const [value, ...others] = this.numbers(key);
    if (value === undefined || others.length > 0) throw this.#wrong(key, "one number");
    return value;
  }

  numbers(key: string): number[] {
    const { tensor, bytes } = this.#bytes(key);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = DTYPES[tensor.dtype].bits / 8;
    return Array.from({ length: bytes.byteLength / size }, (_, i) => {
      switch (tensor.dtype) {
        case "U8":
          return view.getUint8(i);
        case "BOOL":
          return view.getUint8(i);
        case "I32":
          return view.getInt32(4 * i, true);
        case "I64":
          return Number(view.getBigInt64(8 * i, true));
        case "F32":
          return view.getFloat32(4 * i, true);
        default:
          throw this.#wrong(key, "U8, BOOL, I32, I64 or F32");
      }
    });
  }

  text(key: string, absent?: string): string {
    if (absent !== undefined && this.#checkpoint.tensor(`${this.#module}.${key}`) === undefined) return absent;
    const { tensor, bytes } = this.#bytes(key);
    if (tensor.dtype !== "U8") throw this.#wrong(key, "U8");
    return String.fromCharCode(...bytes);
  }

  #bytes(key: string): { tensor: CheckpointTensor; bytes: Uint8Array } {
    const name = `${this.#module}.${key}`;
    const tensor = partner(this.#checkpoint, "hqq", `${this.#module}.weight`, name);
    const bytes = this.#checkpoint.descriptions?.get(name);
    if (bytes === undefined) throw wrongTensor("hqq", tensor, "at most 4096 bytes, read on opening");
    return { tensor, bytes };
  }

  #wrong(key: string, allowed: string): Error {
    return wrongTensor("hqq", this.#checkpoint.tensor(`${this.#module}.${key}`)!, allowed);
  }
}

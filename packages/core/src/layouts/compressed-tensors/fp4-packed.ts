import { decodeTable } from "../../dtype/decode-table.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { CODEBOOK_NAMES, exponentScales, floatTable } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import type { ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor, wrongValue } from "../partner-tensors.js";
import { readAll, readBytes } from "../read-bytes.js";
import { modelDtype } from "../stated-config.js";

const LAYOUT = "compressed-tensors";

/**
 * `weight_packed` U8: two E2M1 floats a byte, consecutive columns, the first in the low half. NVFP4 scales groups of 16 by
 * E4M3 values over one F32 `weight_global_scale`; MXFP4 groups of 32 by powers of 2.
 */
export function fp4Packed(
  checkpoint: Checkpoint,
  module: string,
  others: readonly CheckpointTensor[],
): StoredQuantizedWeight {
  const name = `${module}.weight`;
  const packed = partner(checkpoint, LAYOUT, name, `${module}.weight_packed`);
  const scale = partner(checkpoint, LAYOUT, name, `${module}.weight_scale`);
  checkPartner(LAYOUT, scale, ["F8_E4M3", "U8", "F8_E8M0"]);
  const [rows, bytes] = packed.shape;
  if (packed.shape.length !== 2) throw wrongTensor(LAYOUT, packed, "U8 [rows, columns / 2]");
  const columns = 2 * bytes!;
  const isNv = scale.dtype === "F8_E4M3";
  const groupSize = isNv ? 16 : 32;
  if (columns % groupSize !== 0) throw wrongTensor(LAYOUT, packed, `U8 [${rows}, a multiple of ${groupSize / 2}]`);
  refuseSixBits(packed, scale, isNv);
  checkPartner(LAYOUT, scale, [scale.dtype], [[rows!, columns / groupSize]]);
  const global = isNv ? partner(checkpoint, LAYOUT, name, `${module}.weight_global_scale`) : undefined;
  if (global) checkPartner(LAYOUT, global, ["F32"], [[1], []]);
  const term: CodebookLayout = {
    kind: "codebook",
    rows: rows!,
    columns,
    bits: 4,
    granularity: "group",
    groupSize,
    codebook: CODEBOOK_NAMES.F4,
    scaleDtype: isNv ? "F32" : "BF16",
  };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: [rows!, columns],
    dtype: modelDtype(checkpoint.config) ?? "BF16",
    tensors: [packed, scale, ...(global ? [global] : []), ...others],
    term,
    async open(options) {
      const table = floatTable("F4");
      const divisor = global && (await readGlobalScale(checkpoint, global, options));
      const groups = columns / groupSize;
      return {
        async rows(begin, end, rowOptions) {
          const read = await readBytes(checkpoint, scale, begin * groups, end * groups, rowOptions);
          return {
            layout: layoutRows(term, end - begin),
            arrays: {
              codes: await readBytes(checkpoint, packed, begin * bytes!, end * bytes!, rowOptions),
              scale:
                divisor === undefined ? exponentScales(LAYOUT, scale.name, read) : nvScales(scale.name, read, divisor),
              table,
            },
          };
        },
      };
    },
  });
}

/** MXFP6 has the same tensors; its rows are 6 / 4 as long. */
function refuseSixBits(packed: CheckpointTensor, scale: CheckpointTensor, isNv: boolean): void {
  if (isNv || scale.shape.length !== 2 || packed.shape[1]! !== scale.shape[1]! * 24) return;
  throw new LowbitError(
    "layouts/unread-format",
    `The weight in ${quoteName(packed.name)} is stored in the format "mxfp6-pack-quantized", which lowbit does not read.`,
    { tensor: packed.name, found: "mxfp6-pack-quantized" },
  );
}

async function readGlobalScale(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  options?: ReadOptions,
): Promise<number> {
  const value = readScales(await readAll(checkpoint, tensor, options), "F32")[0]!;
  if (Number.isFinite(value) && value > 0) return value;
  throw wrongValue(LAYOUT, tensor.name, `holds ${value}; scales are divided by it, so it must be above 0`);
}

/** f32(scale / global), as the client divides before it multiplies. */
function nvScales(name: string, bytes: Uint8Array, global: number): Uint8Array {
  const table = decodeTable("F8_E4M3");
  const scales = Float32Array.from(bytes, (byte) => {
    const scale = table[byte]!;
    if (Number.isNaN(scale)) throw wrongValue(LAYOUT, name, `holds the scale ${byte}, which is NaN`);
    return Math.fround(scale / global);
  });
  const stored = new Uint8Array(4 * scales.length);
  writeScales(scales, "F32", stored);
  return stored;
}

import type { Dtype } from "../../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { elementCount } from "../../tensor/matrix-shape.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { DenseLayout } from "../../terms/dense.js";
import { readScales } from "../../terms/scale-array.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import { checkFinite } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import { copiedRows } from "../gptq/open-gptq-weight.js";
import type { CheckpointLayout, ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor } from "../partner-tensors.js";
import { readAll } from "../read-bytes.js";
import { blockPackedBytes } from "./block-packing.js";
import { type HqqSettings, hqqSettings, hqqTensors } from "./hqq-settings.js";
import { affineTerm, denseTerm, type HqqArrays, termGroupSize } from "./hqq-terms.js";

const CODES_ENDING = ".W_q";
const SCALE_DTYPES: readonly Dtype[] = ["F16", "BF16", "F32"];
const CODE_DTYPES: readonly Dtype[] = ["U8", "I32", "F16", "BF16", "F32"];

/**
 * The layout of HQQ, as hqq and transformers write it to safetensors: docs/formats/hqq.md. Codes lie in blocks of rows;
 * w = (code − zero) · scale with any zero.
 */
export const hqqLayout: CheckpointLayout = {
  name: "hqq",
  recognise: (checkpoint) =>
    checkpoint.tensors
      .filter(({ name }) => name.endsWith(CODES_ENDING))
      .map(({ name }) => hqqWeight(checkpoint, name.slice(0, -CODES_ENDING.length))),
};

/** Where the tensors of a layer hold what its term is made of. */
interface HqqSources {
  readonly codes: CheckpointTensor;
  readonly scale: CheckpointTensor;
  readonly zero: CheckpointTensor;
  /** Scale and zero are the halves of one tensor, zero first (offload_meta). */
  readonly isStacked: boolean;
}

function hqqWeight(checkpoint: Checkpoint, module: string): StoredQuantizedWeight {
  const settings = hqqSettings(checkpoint, module);
  const sources = hqqSources(checkpoint, settings);
  const [rows, columns] = settings.shape;
  const layout = termLayout(settings, sources.scale.dtype as ScaleDtype);
  return foreignWeight({
    layout: "hqq",
    name: `${module}.weight`,
    shape: [rows, columns],
    dtype: settings.dtype,
    tensors: hqqTensors(checkpoint, module),
    term: layout,
    ...(layout.kind === "dense" && {
      notes: [
        `HQQ with axis 0: the ${settings.bits}-bit codes of a column share scales over ${settings.groupSize} rows apart from each other; such weights run as plain values.`,
      ],
    }),
    async open(options) {
      const arrays = await readArrays(checkpoint, sources, options);
      const term: Term =
        layout.kind === "dense" ? denseTerm(layout, settings, arrays) : affineTerm(layout, settings, arrays);
      return { rows: async (begin, end) => copiedRows(term, begin, end) };
    },
  });
}

/** @throws `layouts/missing-partner`, `layouts/wrong-tensor` */
function hqqSources(checkpoint: Checkpoint, settings: HqqSettings): HqqSources {
  const { module, packing, shape, axis, groupSize, isGrouped } = settings;
  const of = (key: string): CheckpointTensor => partner(checkpoint, "hqq", `${module}.weight`, `${module}.${key}`);
  const codes = of("W_q");
  const [rows, columns] = shape;
  const groups = (rows * columns) / groupSize;
  const [packedRows, packedColumns] = isGrouped ? (axis === 1 ? [groups, groupSize] : [groupSize, groups]) : shape;
  checkPartner("hqq", codes, CODE_DTYPES);
  const byteLength = blockPackedBytes(packing, packedRows, packedColumns);
  if (codes.byteLength !== byteLength) {
    throw wrongTensor("hqq", codes, `${byteLength} bytes for [${shape.join(", ")}] in groups of ${groupSize}`);
  }
  const stacked = checkpoint.tensor(`${module}.zero_scale`);
  const isStacked = stacked !== undefined && checkpoint.tensor(`${module}.scale`) === undefined;
  const scale = isStacked ? stacked : of("scale");
  const zero = isStacked ? stacked : of("zero");
  const count = (isGrouped ? groups : 1) * (isStacked ? 2 : 1);
  for (const tensor of [scale, zero]) {
    checkPartner("hqq", tensor, isStacked || tensor === scale ? SCALE_DTYPES : [scale.dtype]);
    if (elementCount(tensor.shape) !== count) throw wrongTensor("hqq", tensor, `${count} elements, one a group`);
  }
  return { codes, scale, zero, isStacked };
}

/** @throws `layouts/wrong-value` for scales and zeros that are NaN or infinite */
async function readArrays(checkpoint: Checkpoint, sources: HqqSources, options?: ReadOptions): Promise<HqqArrays> {
  const { codes, scale, zero, isStacked } = sources;
  const dtype = scale.dtype as ScaleDtype;
  const packed = await readAll(checkpoint, codes, options);
  const scales = await readAll(checkpoint, scale, options);
  checkFinite("hqq", scale.name, readScales(scales, dtype));
  if (!isStacked) {
    const zeros = await readAll(checkpoint, zero, options);
    checkFinite("hqq", zero.name, readScales(zeros, dtype));
    return { packed, dtype, scale: scales, zero: zeros };
  }
  const half = scales.byteLength / 2;
  return { packed, dtype, zero: scales.subarray(0, half), scale: scales.subarray(half) };
}

function termLayout(settings: HqqSettings, scaleDtype: ScaleDtype): AffineLayout | DenseLayout {
  const { bits, axis, isGrouped } = settings;
  const [rows, columns] = settings.shape;
  if (isGrouped && axis === 0) return { kind: "dense", rows, columns, valueDtype: "F32" };
  const groupSize = termGroupSize(settings);
  const granularity = !isGrouped ? "tensor" : groupSize === columns ? "row" : "group";
  return { kind: "affine", rows, columns, bits, granularity, groupSize, zero: "float", scaleDtype };
}

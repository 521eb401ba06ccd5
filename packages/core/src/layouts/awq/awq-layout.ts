import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { Dtype } from "../../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales } from "../../terms/scale-array.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import { checkFinite } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import { isPackedAlongOutputs, QWEIGHT_ENDING, qweightModules } from "../gptq/gptq-module.js";
import { copiedRows } from "../gptq/open-gptq-weight.js";
import { transposedScales } from "../gptq/pack-gptq.js";
import type { CheckpointLayout, ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor } from "../partner-tensors.js";
import { readAll } from "../read-bytes.js";
import { type ConfigObject, quantizationConfig, unreadFormat } from "../stated-config.js";
import { unpackNibbles } from "./nibble-order.js";

const SCALE_DTYPES: readonly Dtype[] = ["F16", "BF16", "F32"];

/**
 * The layout of AWQ, version gemm, as AutoAWQ, GPTQModel and llm-awq's converters write it: docs/formats/awq.md. Inputs down,
 * outputs across and packed, eight codes a word in an order of their own; zeros as they are.
 */
export const awqLayout: CheckpointLayout = {
  name: "awq",
  recognise(checkpoint) {
    const stated = quantizationConfig(checkpoint.config) ?? {};
    const modules = qweightModules(checkpoint);
    if (stated["quant_method"] === "awq") refuseOtherVersions(checkpoint, modules, stated);
    return modules
      .filter((module) => isPackedAlongOutputs(checkpoint, module))
      .map((module) => awqWeight(checkpoint, module, stated["group_size"]));
  },
};

/** @throws `layouts/unread-format` for tensors that are neither of version gemm nor GPTQ's */
function refuseOtherVersions(checkpoint: Checkpoint, modules: readonly string[], stated: ConfigObject): void {
  const other = modules.find((module) => {
    const qweight = checkpoint.tensor(module + QWEIGHT_ENDING)!;
    const scales = checkpoint.tensor(`${module}.scales`);
    if (scales === undefined || isPackedAlongOutputs(checkpoint, module)) return false;
    return qweight.dtype !== "I32" || scales.shape[1] !== qweight.shape[1];
  });
  if (other === undefined) return;
  const version = `${String(stated["version"] ?? stated["format"] ?? "unknown").slice(0, 40)}, ${Number(stated["bits"])} bits`;
  throw unreadFormat(`${quoteName(other)} is an AWQ layer`, version, ["gemm, 4 bits"]);
}

/** The tensors of a layer. */
interface AwqTensors {
  /** I32 [inputs, outputs/8]. */
  readonly qweight: CheckpointTensor;
  /** I32 [groups, outputs/8]. */
  readonly qzeros: CheckpointTensor;
  /** [groups, outputs]. */
  readonly scales: CheckpointTensor;
}

function awqWeight(checkpoint: Checkpoint, module: string, statedGroup: unknown): StoredQuantizedWeight {
  const name = `${module}.weight`;
  const of = (ending: string): CheckpointTensor => partner(checkpoint, "awq", name, `${module}.${ending}`);
  const tensors: AwqTensors = { qweight: of("qweight"), qzeros: of("qzeros"), scales: of("scales") };
  const { qweight, qzeros, scales } = tensors;
  const [columns, words] = qweight.shape as [number, number];
  const groups = scales.shape[0]!;
  checkPartner("awq", qweight, ["I32"]);
  checkPartner("awq", scales, SCALE_DTYPES);
  checkPartner("awq", qzeros, ["I32"], [[groups, words]]);
  const groupSize = columns % groups === 0 ? columns / groups : statedGroup;
  if (columns === 0 || groups === 0 || typeof groupSize !== "number" || Math.ceil(columns / groupSize) !== groups) {
    throw wrongTensor(
      "awq",
      scales,
      `of a number of groups that divides ${columns} inputs, or config.json must state group_size`,
    );
  }
  const layout: AffineLayout = {
    kind: "affine",
    rows: 8 * words,
    columns,
    bits: 4,
    granularity: groups === 1 ? "row" : "group",
    groupSize: Math.min(groupSize, columns),
    zero: "integer",
    scaleDtype: scales.dtype as ScaleDtype,
  };
  return foreignWeight({
    layout: "awq",
    name,
    shape: [layout.rows, columns],
    dtype: scales.dtype,
    tensors: [qweight, qzeros, scales],
    term: layout,
    async open(options) {
      const term = await readAwqTerm(checkpoint, layout, tensors, options);
      return { rows: async (begin, end) => copiedRows(term, begin, end) };
    },
  });
}

/** The file has rows of the weight in columns, so the whole layer is read. */
async function readAwqTerm(
  checkpoint: Checkpoint,
  layout: AffineLayout,
  { qweight, qzeros, scales }: AwqTensors,
  options?: ReadOptions,
): Promise<Term> {
  const { rows, columns } = layout;
  const groups = scales.shape[0]!;
  const codes = packedRows(unpackNibbles(await readAll(checkpoint, qweight, options), columns, rows), rows, columns);
  const zeroPoint = packedRows(unpackNibbles(await readAll(checkpoint, qzeros, options), groups, rows), rows, groups);
  const stored = await readAll(checkpoint, scales, options);
  checkFinite("awq", scales.name, readScales(stored, layout.scaleDtype));
  const scale = transposedScales(stored, groups, rows, layout.scaleDtype);
  return { layout, arrays: { codes, scale, zeroPoint } };
}

/** Rows of 4-bit codes, each starting at a byte. */
function packedRows(codes: Uint8Array, rows: number, columns: number): Uint8Array {
  const rowBytes = packedByteLength(columns, 4);
  const packed = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    packCodes(
      codes.subarray(row * columns, (row + 1) * columns),
      4,
      packed.subarray(row * rowBytes, (row + 1) * rowBytes),
    );
  }
  return packed;
}

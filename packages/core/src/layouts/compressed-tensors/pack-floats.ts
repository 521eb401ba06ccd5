import { decodeTable } from "../../dtype/decode-table.js";
import { DTYPES } from "../../dtype/dtype-table.js";
import { encodeSmallFloat, SMALL_FLOATS } from "../../dtype/small-float.js";
import { writeScales } from "../../terms/scale-array.js";
import { type CodebookGrid, codebookGrid, rowScales } from "../codebook-grid.js";
import { CODEBOOK_NAMES } from "../float-codebooks.js";
import type { LayoutRefusal, PackedWeight, WholeWeight } from "../layout-writer.js";
import { packedModule } from "../packed-name.js";
import { repeatedRows } from "../repeated-rows.js";

/** Formats of small floats; undefined: whichever holds the weight. */
export type FloatFormat = "float-quantized" | "nvfp4-pack-quantized" | "mxfp4-pack-quantized" | "mxfp8-quantized";

/** Codes of 4 or 8 bits into E2M1 or E4M3. */
export function packFloats(weight: WholeWeight, format?: FloatFormat): PackedWeight | LayoutRefusal {
  const named = packedModule(weight);
  if ("reason" in named) return named;
  const { module } = named;
  const [layout] = weight.terms.map((term) => term.layout);
  const isHalf = format === undefined ? layout?.kind === "codebook" && layout.bits === 4 : format.includes("fp4");
  const dtype = isHalf ? "F4" : "F8_E4M3";
  const grid = codebookGrid(weight.terms, decodeTable(dtype), CODEBOOK_NAMES[dtype]);
  if ("reason" in grid) return grid;
  if (isHalf) {
    const wantsNv = format === undefined ? grid.groupSize === 16 : format === "nvfp4-pack-quantized";
    return wantsNv ? packNv(module, grid) : packMx(module, grid, halves(module, grid), "mxfp4-pack-quantized", 4);
  }
  const codes = { name: weight.name, dtype, shape: [grid.rows, grid.columns], data: grid.codes } as const;
  if (format !== "float-quantized") {
    const packed = packMx(module, grid, codes, "mxfp8-quantized", 8);
    if (!("reason" in packed) || format === "mxfp8-quantized") return packed;
  }
  return packFloat8(module, grid, codes);
}

type PackedTensor = PackedWeight["tensors"][number];

/** Two codes a byte, the first of two neighbours in the low half. */
function halves(module: string, { rows, columns, codes }: CodebookGrid): PackedTensor {
  const data = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) data[i >>> 1]! |= codes[i]! << (4 * (i & 1));
  return { name: `${module}.weight_packed`, dtype: "U8", shape: [rows, columns / 2], data };
}

/** Groups of 32 with powers of 2, stored as exponents + 127. */
function packMx(
  module: string,
  grid: CodebookGrid,
  codes: PackedTensor,
  format: FloatFormat,
  bits: number,
): PackedWeight | LayoutRefusal {
  const { rows, columns, groupSize } = grid;
  const refusal = wrongGroups(grid, 32);
  if (refusal) return refusal;
  const exponents: number[] = [];
  for (const scale of rowScales(grid)) {
    const exponent = Math.log2(scale);
    if (exponent % 1 !== 0 || exponent < -127 || exponent > 127)
      return { reason: `a scale of ${scale}, where it stores powers of 2` };
    exponents.push(exponent + 127);
  }
  const data = Uint8Array.from(exponents);
  const scales = { name: `${module}.weight_scale`, dtype: "U8", shape: [rows, columns / groupSize], data } as const;
  return {
    tensors: [codes, scales],
    facts: { format, bits, type: "float", isSymmetric: true, strategy: "group", groupSize },
  };
}

/** Groups of 16 with scales f32(E4M3 / global). */
function packNv(module: string, grid: CodebookGrid): PackedWeight | LayoutRefusal {
  const { rows, columns, groupSize } = grid;
  const refusal = wrongGroups(grid, 16);
  if (refusal) return refusal;
  const scale = rowScales(grid);
  const global = globalScale(scale);
  if (global === undefined) return { reason: "scales that are no E4M3 values over one common divisor" };
  const data = scale.map((value) => value * global);
  const codes = Uint8Array.from(data, (value) => encodeSmallFloat(SMALL_FLOATS.F8_E4M3, value));
  const divisor = new Uint8Array(4);
  writeScales([global], "F32", divisor);
  return {
    tensors: [
      halves(module, grid),
      { name: `${module}.weight_scale`, dtype: "F8_E4M3", shape: [rows, columns / groupSize], data: codes },
      { name: `${module}.weight_global_scale`, dtype: "F32", shape: [1], data: divisor },
    ],
    facts: {
      format: "nvfp4-pack-quantized",
      bits: 4,
      type: "float",
      isSymmetric: true,
      strategy: "tensor_group",
      groupSize,
    },
  };
}

/**
 * A divisor G with every scale f32(q / G), q of E4M3, where there is one: the largest scale is one of the 126 values over
 * it, and G is an f32 within a few places of their quotient.
 */
function globalScale(scales: Float32Array): number | undefined {
  const largest = scales.reduce((most, value) => Math.max(most, value), 0);
  if (!(largest > 0)) return scales.every((value) => value === 0) ? 1 : undefined;
  const table = decodeTable("F8_E4M3");
  for (let code = 0x7e; code > 0; code--) {
    const quotient = Math.fround(table[code]! / largest);
    for (const step of [0, 1, -1, 2, -2]) {
      const global = Math.fround(quotient * (1 + step * 2 ** -23));
      if (scales.every((value) => value >= 0 && divides(value, global))) return global;
    }
  }
  return undefined;
}

function divides(scale: number, global: number): boolean {
  const table = decodeTable("F8_E4M3");
  return Math.fround(table[encodeSmallFloat(SMALL_FLOATS.F8_E4M3, Math.fround(scale * global))]! / global) === scale;
}

/** One scale for the tensor, each row, each group, or each block of rows and columns. */
function packFloat8(module: string, grid: CodebookGrid, codes: PackedTensor): PackedWeight | LayoutRefusal {
  const { rows, columns, granularity, groupSize, scale, scaleDtype } = grid;
  const groups = Math.ceil(columns / groupSize);
  const isTensor = granularity === "tensor";
  const isRow = groupSize === columns && !isTensor;
  const blockRows = isTensor || isRow ? 1 : repeatedRows(scale, rows, groups);
  const isBlock = blockRows > 1;
  if (!isTensor && !isRow && !isBlock && columns % groupSize !== 0) {
    return { reason: `groups of ${groupSize} in rows of ${columns}, where it stores groups that divide the row` };
  }
  const kept = isBlock
    ? Float32Array.from({ length: Math.ceil(rows / blockRows) * groups }, (_, i) => {
        return scale[Math.floor(i / groups) * blockRows * groups + (i % groups)]!;
      })
    : scale;
  const data = new Uint8Array((kept.length * DTYPES[scaleDtype].bits) / 8);
  writeScales(kept, scaleDtype, data);
  const shape = isTensor ? [1] : [kept.length / groups, groups];
  const strategy = isTensor ? "tensor" : isRow ? "channel" : isBlock ? "block" : "group";
  return {
    tensors: [codes, { name: `${module}.weight_scale`, dtype: scaleDtype, shape, data }],
    facts: {
      format: "float-quantized",
      bits: 8,
      type: "float",
      isSymmetric: true,
      strategy,
      ...(strategy === "group" && { groupSize }),
      ...(isBlock && { blockRows, blockColumns: groupSize }),
    },
  };
}

function wrongGroups({ columns, groupSize }: CodebookGrid, wanted: number): LayoutRefusal | undefined {
  if (groupSize === wanted && columns % wanted === 0) return undefined;
  return { reason: `groups of ${groupSize} in rows of ${columns}, where it stores groups of ${wanted}` };
}

import { groupCount } from "../../terms/granularity.js";
import { type AffineGrid, affineGrid } from "../affine-grid.js";
import { type GridCodes, gridCodes, gridScales, splitGroups } from "../grid-codes.js";
import type { LayoutRefusal, PackedWeight, WholeWeight } from "../layout-writer.js";
import { packedModule } from "../packed-name.js";
import { groupSizeOf } from "../row-groups.js";
import { packWords } from "./word-packing.js";

/** What an integer type of the writer asks for; absent bits: as many as the codes need. */
export interface IntegerType {
  readonly bits?: number;
  /** One I8 a code, one scale a row, activations of 8 bits ("w8a8"). */
  readonly isInt8?: boolean;
}

/** Integers in words (`weight_packed`), dense as written since May 2026; scales keep their dtype. */
export function packIntegers(weight: WholeWeight, { bits, isInt8 = false }: IntegerType): PackedWeight | LayoutRefusal {
  const named = packedModule(weight);
  if ("reason" in named) return named;
  const found = affineGrid(weight.terms);
  if ("reason" in found) return found;
  const grid = evenGroups(found);
  if ("reason" in grid) return grid;
  if (isInt8 && grid.groupSize !== grid.columns)
    return { reason: `groups of ${grid.groupSize}, where it stores one scale a row` };
  const coded = narrowestCodes(grid, bits, isInt8);
  if ("reason" in coded) return coded;
  const scales = gridScales(grid, grid.scaleDtype);
  if ("reason" in scales) return scales;
  const { rows, columns, groupSize, scaleDtype } = grid;
  const groups = groupCount(columns, groupSize);
  const tensors = isInt8
    ? [
        {
          name: weight.name,
          dtype: "I8",
          shape: [rows, columns],
          data: coded.codes.map((code) => code ^ 0x80),
        } as const,
      ]
    : packedTensors(named.module, coded, grid);
  return {
    tensors: [
      ...tensors,
      { name: `${named.module}.weight_scale`, dtype: scaleDtype, shape: [rows, groups], data: scales.data },
    ],
    facts: {
      format: isInt8 ? "int-quantized" : "pack-quantized",
      bits: coded.bits,
      type: "int",
      isSymmetric: coded.isSymmetric,
      strategy: groupSize === columns ? "channel" : "group",
      ...(groupSize !== columns && { groupSize }),
    },
  };
}

/** The client takes groups that divide the row. */
function evenGroups(grid: AffineGrid): AffineGrid | LayoutRefusal {
  const { columns, groupSize } = grid;
  if (columns % groupSize === 0) return grid;
  const size = groupSizeOf(columns, groupSize);
  if (size < SMALLEST_GROUP) {
    return { reason: `groups of ${groupSize} in rows of ${columns}, where it stores groups that divide the row` };
  }
  return splitGroups(grid, [size]);
}

/** Shorter groups take more bytes of scales than of codes. */
const SMALLEST_GROUP = 16;

interface WidthAndCodes extends GridCodes {
  readonly bits: number;
  readonly isSymmetric: boolean;
}

/** Without zero points where the middle serves, in as few bits as hold the levels. */
function narrowestCodes(grid: AffineGrid, bits: number | undefined, isInt8: boolean): WidthAndCodes | LayoutRefusal {
  const widths = bits === undefined ? [1, 2, 3, 4, 5, 6, 7, 8].filter((width) => width >= grid.bits) : [bits];
  let refusal: LayoutRefusal = { reason: "codes of more than 8 bits" };
  for (const width of widths) {
    const middle = 2 ** (width - 1);
    const symmetric = gridCodes(grid, width, { smallest: middle, largest: middle });
    if (!("reason" in symmetric)) return { ...symmetric, bits: width, isSymmetric: true };
    const coded = isInt8 ? symmetric : gridCodes(grid, width);
    if (!("reason" in coded)) return { ...coded, bits: width, isSymmetric: false };
    refusal = coded;
  }
  return refusal;
}

function packedTensors(
  module: string,
  coded: WidthAndCodes,
  { rows, columns, groupSize }: AffineGrid,
): PackedWeight["tensors"] {
  const { bits, codes, zero, isSymmetric } = coded;
  const words = packRows(codes, rows, columns, bits);
  const shape = new Uint8Array(16);
  new DataView(shape.buffer).setBigInt64(0, BigInt(rows), true);
  new DataView(shape.buffer).setBigInt64(8, BigInt(columns), true);
  const tensors: PackedWeight["tensors"] = [
    { name: `${module}.weight_packed`, dtype: "I32", shape: [rows, words.length / rows / 4], data: words },
    { name: `${module}.weight_shape`, dtype: "I64", shape: [2], data: shape },
  ];
  if (isSymmetric) return tensors;
  const groups = groupCount(columns, groupSize);
  return [...tensors, zeroPoints(`${module}.weight_zero_point`, zero, rows, groups, bits)];
}

function packRows(codes: Uint8Array, rows: number, columns: number, bits: number): Uint8Array {
  const first = packWords(codes.subarray(0, columns), bits);
  const words = new Uint8Array(rows * first.length);
  for (let row = 0; row < rows; row++) {
    words.set(packWords(codes.subarray(row * columns, (row + 1) * columns), bits), row * first.length);
  }
  return words;
}

/** Words run along the rows: I32 [words, groups]. */
function zeroPoints(
  name: string,
  zero: Uint8Array,
  rows: number,
  groups: number,
  bits: number,
): PackedWeight["tensors"][number] {
  const columns = new Uint8Array(zero.length);
  for (let row = 0; row < rows; row++) {
    for (let group = 0; group < groups; group++) columns[group * rows + row] = zero[row * groups + group]!;
  }
  const packed = packRows(columns, groups, rows, bits);
  const words = packed.length / groups / 4;
  const data = new Uint8Array(packed.length);
  for (let group = 0; group < groups; group++) {
    for (let word = 0; word < words; word++) {
      const from = 4 * (group * words + word);
      data.set(packed.subarray(from, from + 4), 4 * (word * groups + group));
    }
  }
  return { name, dtype: "I32", shape: [words, groups], data };
}

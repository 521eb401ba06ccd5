import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { AffineLayout } from "./affine.js";
import { groupCount } from "./granularity.js";
import {
  BITS_FIELD,
  checkTermFields,
  GROUP_SIZE_FIELD,
  type LayoutFields,
  MAX_DIMENSION,
  SCALE_DTYPE_FIELD,
} from "./layout-fields.js";
import { readScales, SCALE_BYTES, writeScales } from "./scale-array.js";
import type { ScaleDtype, Term, TermArraySpec } from "./term.js";

const { fround } = Math;

/**
 * b-bit codes whose scales and zero points are codes themselves (SpQR, section 4.1 of the paper): groups are so small that
 * plain scales would weigh as much as the codes.
 *
 *     w = s · (code − z)
 *     s = scaleScale[block, group] · scaleCode[row, group] + scaleMinimum[block, group]
 *     z = zeroScale[block, group] · zeroCode[row, group] + zeroMinimum[block, group]        block = floor(row / rowsPerBlock)
 *
 * s and z are f32: product, then sum. Ops take the affine term with these s and z (`runsAs`).
 */
export interface BilevelLayout {
  readonly kind: "bilevel";
  readonly rows: number;
  readonly columns: number;
  /** Bits of a code, 1 to 8. */
  readonly bits: number;
  /** Consecutive columns that share s and z; the last group may be shorter. */
  readonly groupSize: number;
  /** Bits of a scale code and of a zero code, 1 to 8. */
  readonly scaleBits: number;
  readonly zeroBits: number;
  /** Consecutive rows whose scale codes share a grid; the last block may be shorter. */
  readonly rowsPerBlock: number;
  readonly scaleDtype: ScaleDtype;
}

/** G = ceil(columns / groupSize), B = ceil(rows / rowsPerBlock). */
export interface BilevelArrays {
  /** U8 [rows, ceil(columns·bits/8)], packed like affine codes. */
  readonly codes: Uint8Array;
  /** U8 [rows, ceil(G·scaleBits/8)], packed. */
  readonly scaleCodes: Uint8Array;
  /** U8 [rows, ceil(G·zeroBits/8)], packed. */
  readonly zeroCodes: Uint8Array;
  /** scaleDtype [B, G] each. */
  readonly scaleScale: Uint8Array;
  readonly scaleMinimum: Uint8Array;
  readonly zeroScale: Uint8Array;
  readonly zeroMinimum: Uint8Array;
}

const BILEVEL_FIELDS: LayoutFields<BilevelLayout> = {
  bits: BITS_FIELD,
  groupSize: GROUP_SIZE_FIELD,
  scaleBits: BITS_FIELD,
  zeroBits: BITS_FIELD,
  rowsPerBlock: { type: "integer", minimum: 1, maximum: MAX_DIMENSION },
  scaleDtype: SCALE_DTYPE_FIELD,
};

/** Arrays of one grid a block and group. */
const BLOCK_ARRAYS = ["scaleScale", "scaleMinimum", "zeroScale", "zeroMinimum"] as const;

export function validateBilevel(layout: BilevelLayout): void {
  checkTermFields(layout, BILEVEL_FIELDS);
}

export function bilevelArrays(layout: BilevelLayout): readonly TermArraySpec[] {
  const { rows, columns, bits, groupSize, scaleBits, zeroBits, rowsPerBlock, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const packed = (name: string, count: number, width: number): TermArraySpec => ({
    name,
    dtype: "U8",
    shape: [rows, packedByteLength(count, width)],
    perRow: true,
  });
  const blocks = Math.ceil(rows / rowsPerBlock);
  return [
    packed("codes", columns, bits),
    packed("scaleCodes", groups, scaleBits),
    packed("zeroCodes", groups, zeroBits),
    ...BLOCK_ARRAYS.map((name) => ({ name, dtype: scaleDtype, shape: [blocks, groups], perRow: false })),
  ];
}

/**
 * Rows `begin` … `end − 1`. Views where blocks are cut between each other; else every row becomes a block of its own, with
 * a copy of the grid of its block.
 */
export function bilevelRows(term: Term<BilevelLayout>, begin: number, end: number): Term<BilevelLayout> {
  const { layout, arrays } = term;
  const { rows, rowsPerBlock } = layout;
  const perRow = (array: Uint8Array): Uint8Array => {
    const rowBytes = rows === 0 ? 0 : array.byteLength / rows;
    return array.subarray(begin * rowBytes, end * rowBytes);
  };
  const isCutBetween = begin % rowsPerBlock === 0 && (end % rowsPerBlock === 0 || end === rows);
  const blockBytes = groupCount(layout.columns, layout.groupSize) * SCALE_BYTES[layout.scaleDtype];
  const block = (row: number): number => Math.floor(row / rowsPerBlock);
  const perBlock = (array: Uint8Array): Uint8Array => {
    if (isCutBetween) return array.subarray(block(begin) * blockBytes, Math.ceil(end / rowsPerBlock) * blockBytes);
    const copied = new Uint8Array((end - begin) * blockBytes);
    for (let row = begin; row < end; row++) {
      const at = block(row) * blockBytes;
      copied.set(array.subarray(at, at + blockBytes), (row - begin) * blockBytes);
    }
    return copied;
  };
  return {
    layout: { ...layout, rows: end - begin, rowsPerBlock: isCutBetween ? rowsPerBlock : 1 },
    arrays: {
      codes: perRow(arrays.codes),
      scaleCodes: perRow(arrays.scaleCodes),
      zeroCodes: perRow(arrays.zeroCodes),
      scaleScale: perBlock(arrays.scaleScale),
      scaleMinimum: perBlock(arrays.scaleMinimum),
      zeroScale: perBlock(arrays.zeroScale),
      zeroMinimum: perBlock(arrays.zeroMinimum),
    },
  };
}

export function bilevelAsAffine(layout: BilevelLayout): AffineLayout {
  const { rows, columns, bits, groupSize } = layout;
  return { kind: "affine", rows, columns, bits, granularity: "group", groupSize, zero: "float", scaleDtype: "F32" };
}

/** The affine term with s and z in F32; its codes are those of the bilevel term. */
export function expandBilevel({ layout, arrays }: Term<BilevelLayout>): Term<AffineLayout> {
  const { scaleBits, zeroBits } = layout;
  return {
    layout: bilevelAsAffine(layout),
    arrays: {
      codes: arrays.codes,
      scale: groupValues(layout, arrays.scaleCodes, scaleBits, arrays.scaleScale, arrays.scaleMinimum),
      zeroPoint: groupValues(layout, arrays.zeroCodes, zeroBits, arrays.zeroScale, arrays.zeroMinimum),
    },
  };
}

/** F32 [rows, G]: scale · code + minimum, from the codes of the rows and the grids of their blocks. */
function groupValues(
  { rows, columns, groupSize, rowsPerBlock, scaleDtype }: BilevelLayout,
  packed: Uint8Array,
  bits: number,
  scaleArray: Uint8Array,
  minimumArray: Uint8Array,
): Uint8Array {
  const groups = groupCount(columns, groupSize);
  const scale = readScales(scaleArray, scaleDtype);
  const minimum = readScales(minimumArray, scaleDtype);
  const codes = new Uint8Array(groups);
  const values = new Float32Array(rows * groups);
  for (let row = 0; row < rows; row++) {
    unpackCodes(packed.subarray(row * packedByteLength(groups, bits)), bits, groups, codes);
    const block = Math.floor(row / rowsPerBlock) * groups;
    for (let group = 0; group < groups; group++) {
      values[row * groups + group] = fround(scale[block + group]! * codes[group]!) + minimum[block + group]!;
    }
  }
  const bytes = new Uint8Array(4 * values.length);
  writeScales(values, "F32", bytes);
  return bytes;
}

export function describeBilevel(layout: BilevelLayout): string {
  const { bits, groupSize, scaleBits, zeroBits, rowsPerBlock, scaleDtype } = layout;
  return `bilevel ${bits}-bit, groups of ${groupSize}, ${scaleBits}-bit scales and ${zeroBits}-bit zeros over ${rowsPerBlock} rows, ${scaleDtype} grids`;
}

import { packCodes } from "../bitpack/pack-codes.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import { LowbitError } from "../errors/lowbit-error.js";
import { readU16, readU32 } from "./index-array.js";
import { BITS_FIELD, checkTermFields, type LayoutFields, SCALE_DTYPE_FIELD } from "./layout-fields.js";
import { SCALE_BYTES } from "./scale-array.js";
import { indexDtype, sliceRowStarts } from "./sparse.js";
import type { ScaleDtype, Term, TermArraySpec } from "./term.js";

/**
 * A few weights as b-bit codes with a scale and a minimum a row (PB-LLM's salient weights); all others are 0:
 *
 *     w = scale[row] · code + minimum[row]        f32: product, then sum
 *
 * Ops take the sparse term with these values (`runsAs`).
 */
export interface MaskedLayout {
  readonly kind: "masked";
  readonly rows: number;
  readonly columns: number;
  /** Marked weights in the whole matrix. */
  readonly count: number;
  /** Bits of a code, 1 to 8. */
  readonly bits: number;
  /** "bitmap": a bit for every weight; "indices": compressed sparse rows, smaller where few weights are marked. */
  readonly positions: "bitmap" | "indices";
  readonly scaleDtype: ScaleDtype;
}

export interface MaskedArrays {
  /** bitmap: U8 [rows, ceil(columns/8)], lowest bit first: 1 marks a weight. */
  readonly positions?: Uint8Array;
  /** indices: U32 [rows + 1], from 0 up to count. */
  readonly rowStarts?: Uint8Array;
  /** indices: U16 [count], U32 for more than 65 536 columns, ascending within a row. */
  readonly columnIndices?: Uint8Array;
  /** U8 [ceil(count·bits/8)]: codes of the marked weights row after row, packed; rows do not start at a byte. */
  readonly codes: Uint8Array;
  /** scaleDtype [rows]. */
  readonly scale: Uint8Array;
  /** scaleDtype [rows]. */
  readonly minimum: Uint8Array;
}

/** Row starts and packed bits of the codes stay in numbers that are exact. */
const MAX_COUNT = 2 ** 32 - 1;

const MASKED_FIELDS: LayoutFields<MaskedLayout> = {
  count: { type: "integer", minimum: 0, maximum: MAX_COUNT },
  bits: BITS_FIELD,
  positions: { type: "choice", choices: ["bitmap", "indices"] },
  scaleDtype: SCALE_DTYPE_FIELD,
};

export function validateMasked(layout: MaskedLayout): void {
  checkTermFields(layout, MASKED_FIELDS);
  const { rows, columns, count } = layout;
  if (count <= rows * columns) return;
  throw new LowbitError(
    "terms/invalid-field",
    `Field "count" of the masked term is ${count}; a matrix of ${rows} × ${columns} has ${rows * columns} weights.`,
    { kind: "masked", field: "count", found: count, allowed: rows * columns },
  );
}

export function maskedArrays(layout: MaskedLayout): readonly TermArraySpec[] {
  const { rows, columns, count, bits, scaleDtype } = layout;
  const positions: TermArraySpec[] =
    layout.positions === "bitmap"
      ? [{ name: "positions", dtype: "U8", shape: [rows, packedByteLength(columns, 1)], perRow: true }]
      : [
          { name: "rowStarts", dtype: "U32", shape: [rows + 1], perRow: false },
          { name: "columnIndices", dtype: indexDtype(columns), shape: [count], perRow: false },
        ];
  return [
    ...positions,
    { name: "codes", dtype: "U8", shape: [packedByteLength(count, bits)], perRow: false },
    { name: "scale", dtype: scaleDtype, shape: [rows], perRow: true },
    { name: "minimum", dtype: scaleDtype, shape: [rows], perRow: true },
  ];
}

/** Marked weights of every row of a bitmap; bits after the last column do not count. */
export function markedCounts(bitmap: Uint8Array, rows: number, columns: number): Uint32Array {
  const rowBytes = packedByteLength(columns, 1);
  const lastMask = columns % 8 === 0 ? 0xff : (1 << (columns % 8)) - 1;
  return Uint32Array.from({ length: rows }, (_, row) => {
    let count = 0;
    for (let at = 0; at < rowBytes; at++) {
      count += BYTE_POPULATION[bitmap[row * rowBytes + at]! & (at === rowBytes - 1 ? lastMask : 0xff)]!;
    }
    return count;
  });
}

const BYTE_POPULATION = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** U32 [rows + 1] from the counts of the rows. */
export function rowStartsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let row = 0; row < counts.length; row++) starts[row + 1] = starts[row]! + counts[row]!;
  return starts;
}

export function maskedRowStarts({ layout, arrays }: Term<MaskedLayout>): Uint32Array {
  if (layout.positions === "indices") return readU32(arrays.rowStarts!);
  return rowStartsOf(markedCounts(arrays.positions!, layout.rows, layout.columns));
}

/** Codes `first` … `last − 1` of a stream that begins at code 0 of `packed`, packed anew from a byte on. */
export function sliceCodes(packed: Uint8Array, bits: number, first: number, last: number): Uint8Array {
  // Eight codes fill whole bytes.
  const lead = first % 8;
  const codes = new Uint8Array(last - first + lead);
  unpackCodes(packed.subarray(((first - lead) * bits) / 8), bits, codes.length, codes);
  const sliced = new Uint8Array(packedByteLength(last - first, bits));
  packCodes(codes.subarray(lead), bits, sliced);
  return sliced;
}

/** Rows `begin` … `end − 1`; codes and row starts are copied, as rows do not begin at a byte and starts count from 0. */
export function maskedRows(term: Term<MaskedLayout>, begin: number, end: number): Term<MaskedLayout> {
  const { layout, arrays } = term;
  const starts = maskedRowStarts(term);
  const [first, last] = [starts[begin]!, starts[end]!];
  const scaleBytes = SCALE_BYTES[layout.scaleDtype];
  const rest = {
    codes: sliceCodes(arrays.codes, layout.bits, first, last),
    scale: arrays.scale.subarray(begin * scaleBytes, end * scaleBytes),
    minimum: arrays.minimum.subarray(begin * scaleBytes, end * scaleBytes),
  };
  const rowBytes = packedByteLength(layout.columns, 1);
  const indexBytes = indexDtype(layout.columns) === "U16" ? 2 : 4;
  return {
    layout: { ...layout, rows: end - begin, count: last - first },
    arrays:
      layout.positions === "bitmap"
        ? { positions: arrays.positions!.subarray(begin * rowBytes, end * rowBytes), ...rest }
        : {
            rowStarts: sliceRowStarts(arrays.rowStarts!, begin, end).rowStarts,
            columnIndices: arrays.columnIndices!.subarray(first * indexBytes, last * indexBytes),
            ...rest,
          },
  };
}

/** The columns of every marked weight, row after row; what `columnIndices` hold. */
export function readColumnIndices(columns: number, bytes: Uint8Array): Uint16Array | Uint32Array {
  return indexDtype(columns) === "U16" ? readU16(bytes) : readU32(bytes);
}

export function describeMasked(layout: MaskedLayout): string {
  return `masked ${layout.bits}-bit, ${layout.count} weights, ${layout.positions}, ${layout.scaleDtype} scales`;
}

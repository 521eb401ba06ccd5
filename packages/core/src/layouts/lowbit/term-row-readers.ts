import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { DTYPES } from "../../dtype/dtype-table.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { type BilevelArrays, type BilevelLayout, bilevelRows } from "../../terms/bilevel.js";
import { checkPopulation, checkRowStarts, checkTerm } from "../../terms/check-term.js";
import { writeU32 } from "../../terms/index-array.js";
import { type MaskedLayout, markedCounts, rowStartsOf, sliceCodes } from "../../terms/masked.js";
import { indexDtype, sliceRowStarts } from "../../terms/sparse.js";
import type { Term, TermArrays, TermLayout } from "../../terms/term.js";
import { layoutRows } from "../../terms/term-arrays.js";
import type { ReadOptions } from "../logical-weight.js";
import { readBytes } from "../read-bytes.js";
import { type Arrays, readWhole, type StoredArray } from "./stored-array.js";

/** Reads rows `begin` … `end − 1` of a term. */
export type RowReader = (begin: number, end: number, options?: ReadOptions) => Promise<Term>;

/** Reads what all rows of a term share, and answers what reads the rest by rows. */
export function openRows(
  checkpoint: Checkpoint,
  layout: TermLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  switch (layout.kind) {
    case "sparse":
      return openSparse(checkpoint, layout, stored, options);
    case "masked":
      return openMasked(checkpoint, layout, stored, options);
    case "bilevel":
      return openBilevel(checkpoint, layout, stored, options);
    default:
      return openTerm(checkpoint, layout, stored, options);
  }
}

async function openTerm(
  checkpoint: Checkpoint,
  layout: TermLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const shared = await readWhole(
    checkpoint,
    stored.filter((array) => !array.perRow),
    options,
  );
  const perRow = stored.filter((array) => array.perRow);
  return async (begin, end, rowOptions) => {
    const arrays: Arrays = { ...shared };
    for (const { array, tensor } of perRow) {
      const rowBytes = tensor.byteLength / layout.rows;
      arrays[array] = await readBytes(checkpoint, tensor, begin * rowBytes, end * rowBytes, rowOptions);
    }
    return checked({ layout: layoutRows(layout, end - begin), arrays: arrays as unknown as TermArrays<TermLayout> });
  };
}

async function openSparse(
  checkpoint: Checkpoint,
  layout: Extract<TermLayout, { readonly kind: "sparse" }>,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const tensor = (name: string) => stored.find(({ array }) => array === name)!.tensor;
  const whole = await readBytes(checkpoint, tensor("rowStarts"), 0, tensor("rowStarts").byteLength, options);
  checkRowStarts(layout, whole);
  const indexBytes = DTYPES[layout.indexDtype].bits / 8;
  const valueBytes = DTYPES[layout.valueDtype].bits / 8;
  return async (begin, end, rowOptions) => {
    const { first, last, rowStarts } = sliceRowStarts(whole, begin, end);
    const [columnIndices, values] = await Promise.all([
      readBytes(checkpoint, tensor("columnIndices"), first * indexBytes, last * indexBytes, rowOptions),
      readBytes(checkpoint, tensor("values"), first * valueBytes, last * valueBytes, rowOptions),
    ]);
    return checked({
      layout: { ...layout, rows: end - begin, count: last - first },
      arrays: { rowStarts, columnIndices, values },
    });
  };
}

/** Row starts are kept, counted from the bitmap where the file has one; everything else is read by rows. */
async function openMasked(
  checkpoint: Checkpoint,
  layout: MaskedLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const tensor = (name: string) => stored.find(({ array }) => array === name)!.tensor;
  const read = (name: string, begin: number, end: number, readOptions?: ReadOptions) =>
    readBytes(checkpoint, tensor(name), begin, end, readOptions);
  const { rows, columns, bits, scaleDtype } = layout;
  const isBitmap = layout.positions === "bitmap";
  const starts = isBitmap
    ? await countMarked(layout, (begin, end) => read("positions", begin, end, options))
    : await read("rowStarts", 0, 4 * (rows + 1), options);
  checkRowStarts(layout, starts);
  const rowBytes = packedByteLength(columns, 1);
  const indexBytes = DTYPES[indexDtype(columns)].bits / 8;
  const scaleBytes = DTYPES[scaleDtype].bits / 8;
  return async (begin, end, rowOptions) => {
    const { first, last, rowStarts } = sliceRowStarts(starts, begin, end);
    // Eight codes fill whole bytes.
    const lead = first % 8;
    const firstByte = ((first - lead) * bits) / 8;
    const [positions, codes, scale, minimum] = await Promise.all([
      isBitmap
        ? read("positions", begin * rowBytes, end * rowBytes, rowOptions)
        : read("columnIndices", first * indexBytes, last * indexBytes, rowOptions),
      read("codes", firstByte, packedByteLength(last, bits), rowOptions),
      read("scale", begin * scaleBytes, end * scaleBytes, rowOptions),
      read("minimum", begin * scaleBytes, end * scaleBytes, rowOptions),
    ]);
    return checked({
      layout: { ...layout, rows: end - begin, count: last - first },
      arrays: {
        ...(isBitmap ? { positions } : { rowStarts, columnIndices: positions }),
        codes: sliceCodes(codes, bits, lead, lead + last - first),
        scale,
        minimum,
      },
    });
  };
}

/** Row starts as U32 bytes; the bitmap is read a piece at a time. */
async function countMarked(
  layout: MaskedLayout,
  read: (begin: number, end: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const { rows, columns } = layout;
  const rowBytes = packedByteLength(columns, 1);
  const step = Math.max(1, Math.floor(COUNTED_BYTES / rowBytes));
  const counts = new Uint32Array(rows);
  for (let begin = 0; begin < rows; begin += step) {
    const end = Math.min(rows, begin + step);
    counts.set(markedCounts(await read(begin * rowBytes, end * rowBytes), end - begin, columns), begin);
  }
  const marked = counts.reduce((sum, count) => sum + count, 0);
  checkPopulation(layout, marked);
  const bytes = new Uint8Array(4 * (rows + 1));
  writeU32(rowStartsOf(counts), bytes);
  return bytes;
}

/** Grids of blocks are kept; rows are read in whole blocks, of which `bilevelRows` cuts what was asked for. */
async function openBilevel(
  checkpoint: Checkpoint,
  layout: BilevelLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const grids = await readWhole(
    checkpoint,
    stored.filter((array) => !array.perRow),
    options,
  );
  const { rows, rowsPerBlock } = layout;
  const blocks = Math.ceil(rows / rowsPerBlock);
  return async (begin, end, rowOptions) => {
    const firstBlock = Math.floor(begin / rowsPerBlock);
    const lastBlock = Math.ceil(end / rowsPerBlock);
    const from = firstBlock * rowsPerBlock;
    const to = Math.max(from, Math.min(rows, lastBlock * rowsPerBlock));
    const arrays: Arrays = {};
    for (const { array, tensor, perRow } of stored) {
      if (perRow) {
        const rowBytes = tensor.byteLength / rows;
        arrays[array] = await readBytes(checkpoint, tensor, from * rowBytes, to * rowBytes, rowOptions);
      } else {
        const blockBytes = tensor.byteLength / blocks;
        arrays[array] = grids[array]!.subarray(firstBlock * blockBytes, Math.max(firstBlock, lastBlock) * blockBytes);
      }
    }
    const whole = { layout: { ...layout, rows: to - from }, arrays: arrays as unknown as BilevelArrays };
    return checked(bilevelRows(whole, begin - from, end - from));
  };
}

/** Bytes of a bitmap that are counted at a time. */
const COUNTED_BYTES = 2 ** 20;

function checked(term: Term): Term {
  checkTerm(term);
  return term;
}

import type { Term } from "../terms/term.js";
import type { BlockRefusal, PackedBlocks } from "./block-type.js";
import { roundToF16, storeF16 } from "./f16-bits.js";
import type { LinearFormat } from "./linear-format.js";
import { isRefusal, type LinearTerm, linearTerm } from "./linear-term.js";

/** Terms all of whose levels lie on the grid of the blocks; scales that f16 cannot hold are rounded. */
export function packLinear(terms: readonly Term[], format: LinearFormat): PackedBlocks | BlockRefusal {
  const term = linearTerm(terms);
  if (isRefusal(term)) return term;
  const { columns, groupSize, groups } = term;
  if (columns % format.weights !== 0) return { reason: `its rows of ${columns} are no multiple of ${format.weights}` };
  if (groups > 1 && groupSize % format.weights !== 0) {
    return { reason: `its groups of ${groupSize} columns are no multiple of ${format.weights}` };
  }
  return format.firstLevel === "minimum" ? packMinimums(term, format) : packLevels(term, format, format.firstLevel);
}

function packLevels(term: LinearTerm, format: LinearFormat, firstLevel: number): PackedBlocks | BlockRefusal {
  if (term.minimum !== undefined) return { reason: "its grid has minimums, these blocks have none" };
  const scales = roundToF16(term.scale);
  if (scales.beyond !== undefined) return beyondF16("scale", scales.beyond);
  const { rows, columns, groupSize } = term;
  const blocks = new Uint8Array((rows * columns * format.bytes) / format.weights);
  const codes = new Uint8Array(columns);
  const hasSameCodes =
    term.firstLevel === firstLevel && term.step === (format.step ?? 1) && term.largestCode <= format.largestCode;
  for (let row = 0, to = 0; row < rows; row++) {
    term.readCodes(row, codes);
    for (let from = 0; from < columns; from += format.weights, to += format.bytes) {
      const index = row * term.scaleStride + Math.floor(from / groupSize);
      const slope = hasSameCodes ? 1 : toCodes(codes, from, term, firstLevelOf(term, index), format, firstLevel);
      if (slope === 0) return { reason: `row ${row} has levels beyond those of the blocks` };
      storeF16(blocks, to + format.scaleAt, scales.bits[index]! ^ (slope < 0 ? 0x8000 : 0));
      format.packCodes(codes, from, blocks, to);
    }
  }
  return { blocks, ...(scales.isRounded && { rounded: `${term.scaleDtype} scales to F16` }) };
}

function firstLevelOf({ firstLevel }: LinearTerm, index: number): number {
  return typeof firstLevel === "number" ? firstLevel : firstLevel[index]!;
}

/**
 * Turns the codes of a block of the term into those of the format, in place. 1: with the same scale, −1: with the negated
 * one, 0: they do not fit.
 */
function toCodes(
  codes: Uint8Array,
  from: number,
  term: LinearTerm,
  termFirst: number,
  format: LinearFormat,
  first: number,
): 1 | -1 | 0 {
  const step = format.step ?? 1;
  const { least, most } = codeRange(codes, from, format.weights);
  const low = termFirst + term.step * least;
  const high = termFirst + term.step * most;
  const last = first + step * format.largestCode;
  const fits = low >= first && high <= last;
  if (!fits && !(-high >= first && -low <= last)) return 0;
  const sign = fits ? 1 : -1;
  const slope = sign * term.step;
  const start = sign * termFirst - first;
  let odd = 0;
  for (let i = from; i < from + format.weights; i++) {
    const level = start + slope * codes[i]!;
    odd |= level;
    codes[i] = level >> (step - 1);
  }
  return (odd & (step - 1)) === 0 ? sign : 0;
}

function codeRange(codes: Uint8Array, from: number, count: number): { least: number; most: number } {
  let least = 255;
  let most = 0;
  for (let i = from; i < from + count; i++) {
    const code = codes[i]!;
    if (code < least) least = code;
    if (code > most) most = code;
  }
  return { least, most };
}

function packMinimums(term: LinearTerm, format: LinearFormat): PackedBlocks | BlockRefusal {
  const { rows, columns, groupSize, step } = term;
  const scales = roundToF16(step === 1 ? term.scale : term.scale.map((scale) => step * scale));
  if (scales.beyond !== undefined) return beyondF16("scale", scales.beyond);
  const minimum = new Float32Array((rows * columns) / format.weights);
  const blocks = new Uint8Array(minimum.length * format.bytes);
  const codes = new Uint8Array(columns);
  const isWider = term.largestCode > format.largestCode;
  for (let row = 0, block = 0; row < rows; row++) {
    term.readCodes(row, codes);
    for (let from = 0; from < columns; from += format.weights, block++) {
      const index = row * term.scaleStride + Math.floor(from / groupSize);
      const { least, most } = isWider ? codeRange(codes, from, format.weights) : { least: 0, most: 0 };
      const dropped = most <= format.largestCode ? 0 : least;
      if (most - dropped > format.largestCode) {
        return {
          reason: `row ${row} has codes ${least} to ${most} in a group, more than ${format.largestCode + 1} levels`,
        };
      }
      if (dropped > 0) for (let i = from; i < from + format.weights; i++) codes[i]! -= dropped;
      minimum[block] = weightOf(term, index, dropped);
      const to = block * format.bytes;
      storeF16(blocks, to + format.scaleAt, scales.bits[index]!);
      format.packCodes(codes, from, blocks, to);
    }
  }
  const minimums = roundToF16(minimum);
  if (minimums.beyond !== undefined) return beyondF16("minimum", minimums.beyond);
  for (let block = 0; block < minimum.length; block++) {
    storeF16(blocks, block * format.bytes + format.scaleAt + 2, minimums.bits[block]!);
  }
  const rounded: string[] = [];
  if (scales.isRounded) rounded.push(`${term.scaleDtype} scales to F16`);
  if (minimums.isRounded) rounded.push(term.minimum ? "minimums to F16" : "minimums −zero · scale to F16");
  return { blocks, ...(rounded.length > 0 && { rounded: rounded.join(", ") }) };
}

/** The weight of a code. */
function weightOf(term: LinearTerm, index: number, code: number): number {
  const scale = term.scale[index]!;
  if (term.minimum === undefined) return scale * (firstLevelOf(term, index) + term.step * code);
  return code === 0 ? term.minimum[index]! : scale * code + term.minimum[index]!;
}

function beyondF16(what: string, value: number): BlockRefusal {
  return { reason: `its ${what} ${value} is beyond the range of F16` };
}

import {
  allocateTerm,
  type Granularity,
  type ScaleDtype,
  type Term,
  type TermLayout,
  termArrays,
  writeScales,
} from "@lowbit/core/terms";
import { type RandomData, unaligned } from "./random-data.js";

/** A term with the largest |w| that its arrays can give, for bounds. */
export interface TermCase<L extends TermLayout> {
  readonly term: Term<L>;
  readonly peak: number;
}

/** Scales drawn from this range, positive and exact in every scale dtype. */
const SCALES = [0.25, 0.375, 0.5, 0.75, 1, 1.25, 1.5];
const LARGEST_SCALE = 1.5;

/**
 * A term of random bytes: every bit pattern of codes is valid. Arrays start at odd addresses.
 * @param levels largest |code − zero| of the kind
 */
export function randomTerm<L extends TermLayout>(layout: L, random: RandomData, levels: number): TermCase<L> {
  const term = allocateTerm(layout);
  const arrays: Record<string, Uint8Array> = {};
  for (const spec of termArrays(layout)) {
    const array = (term.arrays as unknown as Record<string, Uint8Array>)[spec.name]!;
    const filled = isFloat(spec.dtype) ? randomScales(array, spec.dtype, random) : random.bytes(array.length);
    arrays[spec.name] = unaligned(filled, 1);
  }
  return {
    term: { layout, arrays: arrays as unknown as Term<L>["arrays"] },
    peak: 2 * LARGEST_SCALE * LARGEST_SCALE * levels,
  };
}

function isFloat(dtype: string): dtype is ScaleDtype {
  return dtype === "F16" || dtype === "BF16" || dtype === "F32";
}

function randomScales(array: Uint8Array, dtype: ScaleDtype, random: RandomData): Uint8Array {
  const count = array.length / (dtype === "F32" ? 4 : 2);
  const values = Float32Array.from({ length: count }, () => SCALES[random.integer(0, SCALES.length - 1)]!);
  const target = new Uint8Array(array.length);
  writeScales(values, dtype, target);
  return target;
}

/** `count` ascending columns of a matrix. */
export function someColumns(columns: number, count: number, random: RandomData): Uint32Array {
  const all = Uint32Array.from({ length: columns }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, columns - 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.subarray(0, count).sort();
}

/** Little-endian bytes of 32-bit words, starting at an odd address. */
export function wordBytes(words: Uint32Array): Uint8Array {
  return unaligned(new Uint8Array(words.slice().buffer), 1);
}

export interface Sharing {
  readonly columns: number;
  readonly groupSize: number;
  readonly granularity: Granularity;
}

/** Rows of every length around a register, one group or several, groups that fit bytes and groups that do not. */
export const SHARINGS: readonly Sharing[] = [
  ...[1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 257, 700].map((columns) => ({
    columns,
    groupSize: columns,
    granularity: "row" as const,
  })),
  { columns: 96, groupSize: 96, granularity: "tensor" },
  { columns: 1, groupSize: 32, granularity: "group" },
  { columns: 172, groupSize: 32, granularity: "group" },
  { columns: 172, groupSize: 64, granularity: "group" },
  { columns: 300, groupSize: 7, granularity: "group" },
  { columns: 300, groupSize: 100, granularity: "group" },
  { columns: 768, groupSize: 32, granularity: "group" },
  { columns: 1100, groupSize: 64, granularity: "group" },
  { columns: 2200, groupSize: 128, granularity: "group" },
  { columns: 4100, groupSize: 96, granularity: "group" },
  { columns: 4000, groupSize: 256, granularity: "group" },
];

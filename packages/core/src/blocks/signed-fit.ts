import { roundHalfEven } from "../linalg/round-half-even.js";
import { f16Bits, f16Value } from "./f16-bits.js";
import { nearestLevel } from "./iq4-table.js";
import { largestMagnitude } from "./signed-search.js";
import { inverseStep, type SubBlock, subBlocks, type Trial, totalError, tryLevels } from "./sub-block.js";
import { emptySuperBlock, type SuperBlock, type SuperBlockFormat } from "./super-block.js";

const { fround, abs, max, min } = Math;

/** What is tried for a type without minimums. */
export interface SignedSearch {
  /** The levels in ascending order; code i stands for level i. */
  readonly levels: readonly number[];
  /** Whether levels are neighbouring whole numbers. */
  readonly isUniform: boolean;
  /** Levels that the weight of largest magnitude is put on. */
  readonly targets: readonly number[];
  /** Rounds of least squares after each. */
  readonly refinements: number;
  /** The sub-scale that the scale of largest magnitude becomes. */
  readonly tops: readonly number[];
  /** Rounds in which d follows from all codes. */
  readonly rounds: number;
}

interface Candidate {
  readonly scale: number;
  readonly steps: readonly number[];
  readonly error: number;
}

/** The same three steps as `fitRanged` for w ≈ d · s · level. */
export function fitSigned(
  format: SuperBlockFormat,
  search: SignedSearch,
  values: Float32Array,
  weights: Float32Array,
): { fields: SuperBlock; error: number } {
  const { low, high } = format.subScales;
  const subs = subBlocks(values, weights, format.subBlock);
  const scales = subs.map((sub) => searchScale(search, sub));
  const top = largestMagnitude(Float32Array.from(scales));
  let best: Candidate | undefined;
  for (const topStep of search.tops) {
    const scale = f16Bits(fround(top / topStep));
    const inverse = inverseStep(f16Value(scale));
    const steps = scales.map((s) => roundHalfEven(min(max(fround(s * inverse), low), high)));
    const candidate = tryNeighbours(search, format, subs, scale, steps, 1);
    if (best === undefined || candidate.error < best.error) best = candidate;
  }
  best = tryNeighbours(search, format, subs, best!.scale, best!.steps);
  for (let round = 0; round < search.rounds; round++) {
    const next = tryNeighbours(search, format, subs, commonScale(search, subs, best), best.steps);
    if (!(next.error < best.error)) break;
    best = next;
  }
  const { scale, steps, error } = best;
  const fields = emptySuperBlock(format);
  fields.scale = scale;
  fields.subScales.set(steps);
  subs.forEach((sub, k) => {
    fields.codes.set(signedCodes(search, sub, fround(f16Value(scale) * steps[k]!)), k * format.subBlock);
  });
  return { fields, error };
}

/** The scale with the least error of one sub-block. */
export function searchScale(search: SignedSearch, sub: SubBlock): number {
  const largest = largestMagnitude(sub.values);
  let best = 0;
  let least = trySigned(search, sub, 0).error;
  for (const target of search.targets) {
    let scale = fround(largest / target);
    for (let i = 0; i <= search.refinements; i++) {
      const trial = trySigned(search, sub, scale);
      if (trial.error < least) {
        least = trial.error;
        best = scale;
      }
      scale = fround(trial.sumXL / trial.sumL2);
    }
  }
  return best;
}

/** With the nearest level of every weight. */
export function trySigned(search: SignedSearch, sub: SubBlock, scale: number): Trial {
  const inverse = inverseStep(scale);
  for (let i = 0; i < sub.values.length; i++) {
    nearest[i] = search.levels[nearestCode(search, fround(sub.values[i]! * inverse))]!;
  }
  return tryLevels(sub, scale, 0, nearest);
}

const nearest = new Int8Array(32);

/** The codes of `trySigned`. */
export function signedCodes(search: SignedSearch, sub: SubBlock, scale: number): Uint8Array {
  const inverse = inverseStep(scale);
  return Uint8Array.from(sub.values, (value) => nearestCode(search, fround(value * inverse)));
}

/** NaN, which an overflow leaves behind, becomes code 0. */
function nearestCode({ levels, isUniform }: SignedSearch, place: number): number {
  if (!isUniform) return nearestLevel(place);
  const first = levels[0]!;
  return place > first ? roundHalfEven(min(place, levels.at(-1)!)) - first : 0;
}

/** For every sub-block the best of the given sub-scale and the first of those beside it. */
function tryNeighbours(
  search: SignedSearch,
  { subScales }: SuperBlockFormat,
  subs: readonly SubBlock[],
  scale: number,
  start: readonly number[],
  count: number = NEIGHBOURS.length,
): Candidate {
  const d = f16Value(scale);
  const tried = subs.map((sub, k) => {
    let best: { step: number; error: number } | undefined;
    for (const up of NEIGHBOURS.slice(0, count)) {
      const step = min(max(start[k]! + up, subScales.low), subScales.high);
      const { error } = trySigned(search, sub, fround(d * step));
      if (best === undefined || error < best.error) best = { step, error };
    }
    return best!;
  });
  return { scale, steps: tried.map(({ step }) => step), error: totalError(tried.map(({ error }) => error)) };
}

const NEIGHBOURS = [0, -1, 1] as const;

/** d of least squares over all weights, in f64; where there is none, it stays. */
function commonScale(search: SignedSearch, subs: readonly SubBlock[], { scale, steps }: Candidate): number {
  let xl = 0;
  let l2 = 0;
  subs.forEach((sub, k) => {
    const { sumL2, sumXL } = trySigned(search, sub, fround(f16Value(scale) * steps[k]!));
    xl += steps[k]! * sumXL;
    l2 += steps[k]! * steps[k]! * sumL2;
  });
  const d = xl / l2;
  return abs(d) > 0 ? f16Bits(fround(d)) : scale;
}

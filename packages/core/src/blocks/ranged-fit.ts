import { roundHalfEven } from "../linalg/round-half-even.js";
import { f16Bits, f16Value } from "./f16-bits.js";
import { inverseStep, type SubBlock, subBlocks, type Trial, totalError, tryLevels } from "./sub-block.js";
import { emptySuperBlock, type SuperBlock, type SuperBlockFormat } from "./super-block.js";

const { fround, max, min } = Math;

/** What is tried for a type with minimums. */
export interface RangedSearch {
  /** Codes are 0 … this. */
  readonly largestCode: number;
  /** Steps of (largest code + part) parts of the range … */
  readonly parts: readonly number[];
  /** … that begin this many steps above the smallest weight. */
  readonly offsets: readonly number[];
  /** Rounds of least squares after each. */
  readonly refinements: number;
  /** The sub-scale that the largest scale becomes, and the sub-minimum of the largest minimum. */
  readonly tops: readonly number[];
  readonly minimumTops: readonly number[];
  /** Rounds in which d and dmin follow from all codes. */
  readonly rounds: number;
}

/** A whole super-block that could be stored with the nearest codes. */
interface Candidate {
  readonly scale: number;
  readonly minimum: number;
  readonly steps: readonly number[];
  readonly minimumSteps: readonly number[];
  readonly error: number;
}

/**
 * The least Σ importance · (w − ŵ)² that is found for w ≈ d · s · code − dmin · m:
 *
 * 1. For every sub-block: scale and minimum by least squares, from many ranges.
 * 2. d and dmin from many ideas of what the largest scale and minimum become; beside the best, s and m one up and down.
 * 3. d and dmin by least squares over all codes, then s and m again, while the error falls.
 */
export function fitRanged(
  format: SuperBlockFormat,
  search: RangedSearch,
  values: Float32Array,
  weights: Float32Array,
): { fields: SuperBlock; error: number } {
  const subs = subBlocks(values, weights, format.subBlock);
  const ranges = subs.map((sub) => searchSubBlock(search, sub));
  const topScale = max(0, ...ranges.map((range) => range.scale));
  const topMinimum = max(0, ...ranges.map((range) => range.minimum));
  let best: Candidate | undefined;
  for (const top of search.tops) {
    for (const minimumTop of search.minimumTops) {
      const scale = f16Bits(fround(topScale / top));
      const minimum = f16Bits(fround(topMinimum / minimumTop));
      const { high } = format.subScales;
      const stepOf = inverseStep(f16Value(scale));
      const minimumStepOf = inverseStep(f16Value(minimum));
      const steps = ranges.map((range) => toStep(fround(range.scale * stepOf), high));
      const minimumSteps = ranges.map((range) => toStep(fround(range.minimum * minimumStepOf), high));
      const candidate = tryNeighbours(search, high, subs, { scale, minimum, steps, minimumSteps }, 1);
      if (best === undefined || candidate.error < best.error) best = candidate;
    }
  }
  best = tryNeighbours(search, format.subScales.high, subs, best!);
  for (let round = 0; round < search.rounds; round++) {
    const scales = commonScales(search, subs, best);
    const next = tryNeighbours(search, format.subScales.high, subs, { ...best, ...scales });
    if (!(next.error < best.error)) break;
    best = next;
  }
  return { fields: toFields(format, search, subs, best), error: best.error };
}

function toStep(value: number, high: number): number {
  return roundHalfEven(min(max(value, 0), high));
}

/** Scale and minimum (≥ 0) of one sub-block. */
function searchSubBlock(search: RangedSearch, sub: SubBlock): { scale: number; minimum: number } {
  const low = min(0, ...sub.values);
  const high = max(0, ...sub.values);
  const { sumW, sumX } = weightSums(sub);
  let best = { scale: 0, minimum: -low + 0 };
  let least = tryRange(search, sub, best.scale, best.minimum).error;
  for (const part of search.parts) {
    for (const offset of search.offsets) {
      let scale = fround(fround(high - low) / fround(search.largestCode + part));
      let minimum = max(0, fround(-low - fround(offset * scale)));
      for (let i = 0; i <= search.refinements; i++) {
        const trial = tryRange(search, sub, scale, minimum);
        if (trial.error < least) {
          least = trial.error;
          best = { scale, minimum };
        }
        const { sumL, sumL2, sumXL } = trial;
        const determinant = fround(fround(sumW * sumL2) - fround(sumL * sumL));
        scale = fround(fround(fround(sumW * sumXL) - fround(sumX * sumL)) / determinant);
        minimum = fround(fround(fround(sumL * sumXL) - fround(sumL2 * sumX)) / determinant);
        if (minimum > 0) continue;
        minimum = 0;
        scale = fround(sumXL / sumL2);
      }
    }
  }
  return best;
}

function weightSums({ values, weights }: SubBlock): { sumW: number; sumX: number } {
  let sumW = 0;
  let sumX = 0;
  for (let i = 0; i < values.length; i++) {
    sumW = fround(sumW + weights[i]!);
    sumX = fround(sumX + fround(weights[i]! * values[i]!));
  }
  return { sumW, sumX };
}

const codes = new Uint8Array(32);

/** With the nearest code of every weight, which stays in `codes` until the next call. */
function tryRange({ largestCode }: RangedSearch, sub: SubBlock, scale: number, minimum: number): Trial {
  const { values } = sub;
  const inverse = inverseStep(scale);
  for (let i = 0; i < values.length; i++) {
    codes[i] = roundHalfEven(min(max(fround(fround(values[i]! + minimum) * inverse), 0), largestCode));
  }
  return tryLevels(sub, scale, minimum, codes);
}

/** For every sub-block the best of the given sub-scale and sub-minimum and the first of those one beside them. */
function tryNeighbours(
  search: RangedSearch,
  high: number,
  subs: readonly SubBlock[],
  start: Pick<Candidate, "scale" | "minimum" | "steps" | "minimumSteps">,
  count: number = NEIGHBOURS.length,
): Candidate {
  const d = f16Value(start.scale);
  const dmin = f16Value(start.minimum);
  const tried = subs.map((sub, k) => {
    let best: { step: number; minimumStep: number; error: number } | undefined;
    for (const [up, minimumUp] of NEIGHBOURS.slice(0, count)) {
      const step = min(max(start.steps[k]! + up, 0), high);
      const minimumStep = min(max(start.minimumSteps[k]! + minimumUp, 0), high);
      const { error } = tryRange(search, sub, fround(d * step), fround(dmin * minimumStep));
      if (best === undefined || error < best.error) best = { step, minimumStep, error };
    }
    return best!;
  });
  return {
    scale: start.scale,
    minimum: start.minimum,
    steps: tried.map(({ step }) => step),
    minimumSteps: tried.map(({ minimumStep }) => minimumStep),
    error: totalError(tried.map(({ error }) => error)),
  };
}

const NEIGHBOURS = [
  [0, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, 0],
  [-1, -1],
  [1, 1],
  [-1, 1],
  [1, -1],
] as const;

/**
 * d and dmin of least squares over all weights of x ≈ d · a − dmin · b with a = s · code and b = m; in f64. What would be
 * negative or is not determined stays.
 */
function commonScales(
  search: RangedSearch,
  subs: readonly SubBlock[],
  { scale, minimum, steps, minimumSteps }: Candidate,
): { scale: number; minimum: number } {
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let xa = 0;
  let xb = 0;
  subs.forEach((sub, k) => {
    const { sumW, sumX } = weightSums(sub);
    const s = steps[k]!;
    const m = minimumSteps[k]!;
    const { sumL, sumL2, sumXL } = tryRange(search, sub, fround(f16Value(scale) * s), fround(f16Value(minimum) * m));
    aa += s * s * sumL2;
    ab += s * m * sumL;
    bb += m * m * sumW;
    xa += s * sumXL;
    xb += m * sumX;
  });
  const determinant = aa * bb - ab * ab;
  const d = determinant > 0 ? (xa * bb - ab * xb) / determinant : xa / aa;
  const dmin = (ab * xa - aa * xb) / determinant;
  return {
    scale: d > 0 ? f16Bits(fround(d)) : scale,
    minimum: determinant > 0 && dmin > 0 ? f16Bits(fround(dmin)) : minimum,
  };
}

function toFields(
  format: SuperBlockFormat,
  search: RangedSearch,
  subs: readonly SubBlock[],
  { scale, minimum, steps, minimumSteps }: Candidate,
): SuperBlock {
  const fields = emptySuperBlock(format);
  fields.scale = scale;
  fields.minimum = minimum;
  fields.subScales.set(steps);
  fields.subMinimums.set(minimumSteps);
  subs.forEach((sub, k) => {
    tryRange(search, sub, fround(f16Value(scale) * steps[k]!), fround(f16Value(minimum) * minimumSteps[k]!));
    fields.codes.set(codes.subarray(0, format.subBlock), k * format.subBlock);
  });
  return fields;
}

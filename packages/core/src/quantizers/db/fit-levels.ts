/** Levels 0, first, second and first + second: what two planes of {0, 1} with these scales can say. */
export interface ZeroOneScales {
  readonly first: number;
  readonly second: number;
}

/** The scales of DB-LLM's initialisation, for levels −s, 0, s, 2s: s is a third of the range, 0 included. */
export function initialScales(values: Float32Array): ZeroOneScales {
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  const step = (high - low) / 3;
  return { first: 2 * step, second: -step };
}

/** Starts of the search, as multiples of the initialisation: it, its half, and both with the far level on the other side. */
const STARTS = [1, 0.5, -1, -0.5];

/**
 * Scales by alternating least squares: nearest levels for the weights, then the two scales that fit these codes best, up to
 * `iterations` times. The error never increases; the best of the starts is taken, the first on a tie.
 */
export function fitScales(values: Float32Array, iterations: number): ZeroOneScales {
  const start = initialScales(values);
  const weights = sortWeights(values);
  let best = start;
  let least = Number.POSITIVE_INFINITY;
  for (const part of STARTS) {
    let scales: ZeroOneScales = { first: part * start.first, second: part * start.second };
    let error = classify(weights, scales);
    for (let i = 0; i < iterations; i++) {
      const next = leastSquares(scales);
      const reached = classify(weights, next);
      if (!(reached < error)) break;
      scales = next;
      error = reached;
    }
    if (error < least) {
      least = error;
      best = scales;
    }
  }
  return best;
}

/** The nearest level of each weight, as bits of the two planes. */
export function encodeZeroOne(
  values: Float32Array,
  scales: ZeroOneScales,
  firstPlane: Uint8Array,
  secondPlane: Uint8Array,
): void {
  sortLevels(scales);
  const [first, second, third] = [border(0), border(1), border(2)];
  for (let i = 0; i < values.length; i++) {
    const w = values[i]!;
    const code = order[(w > first ? 1 : 0) + (w > second ? 1 : 0) + (w > third ? 1 : 0)]!;
    firstPlane[i] = code & 1;
    secondPlane[i] = code >> 1;
  }
}

/** Weights in ascending order: those between two borders are consecutive, so their sum is a difference. */
interface SortedWeights {
  readonly values: Float32Array;
  /** Sum of the first i weights, [n + 1]. */
  readonly sums: Float64Array;
  readonly squares: number;
}

function sortWeights(unordered: Float32Array): SortedWeights {
  const values = unordered.slice().sort();
  const sums = new Float64Array(values.length + 1);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    sums[i + 1] = sums[i]! + values[i]!;
    squares += values[i]! * values[i]!;
  }
  return { values, sums, squares };
}

// What the steps of one fit pass on; reused, since groups are small and many.

/** Codes by ascending level: bit 0 is the first plane, bit 1 the second. */
const order = new Uint8Array(4);
/** In that order. */
const levels = new Float64Array(4);
/** Of the weights with each code. */
const counts = new Float64Array(4);
const totals = new Float64Array(4);

function sortLevels({ first, second }: ZeroOneScales): void {
  for (let code = 0; code < 4; code++) {
    const level = (code & 1 ? first : 0) + (code & 2 ? second : 0);
    let place = code;
    for (; place > 0 && levels[place - 1]! > level; place--) {
      levels[place] = levels[place - 1]!;
      order[place] = order[place - 1]!;
    }
    levels[place] = level;
    order[place] = code;
  }
}

/** Midpoint between two neighbouring levels; a weight on it belongs to the lower one. */
function border(place: number): number {
  return (levels[place]! + levels[place + 1]!) / 2;
}

/** Finds the weights nearest to each level, for `leastSquares`; their Σ (w − level)². */
function classify({ values, sums, squares }: SortedWeights, scales: ZeroOneScales): number {
  sortLevels(scales);
  let error = squares;
  for (let place = 0, begin = 0; place < 4; place++) {
    const end = place < 3 ? countUpTo(values, border(place), begin) : values.length;
    const count = end - begin;
    const total = sums[end]! - sums[begin]!;
    counts[order[place]!] = count;
    totals[order[place]!] = total;
    error += levels[place]! * (levels[place]! * count - 2 * total);
    begin = end;
  }
  return error;
}

/** How many of the ascending values, of which the first `begin` are, are not above `limit`. */
function countUpTo(values: Float32Array, limit: number, begin: number): number {
  let low = begin;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The scales with the least Σ (w − level)² for the codes that were found last. The scale of an empty plane stays as it is,
 * and both where the planes are equal, since only their sum matters then.
 */
function leastSquares(old: ZeroOneScales): ZeroOneScales {
  const both = counts[3]!;
  const ofFirst = counts[1]! + both;
  const ofSecond = counts[2]! + both;
  const sumOfFirst = totals[1]! + totals[3]!;
  const sumOfSecond = totals[2]! + totals[3]!;
  const determinant = ofFirst * ofSecond - both * both;
  if (determinant > 0) {
    return {
      first: (sumOfFirst * ofSecond - sumOfSecond * both) / determinant,
      second: (sumOfSecond * ofFirst - sumOfFirst * both) / determinant,
    };
  }
  return {
    first: ofFirst > 0 && ofSecond === 0 ? sumOfFirst / ofFirst : old.first,
    second: ofSecond > 0 && ofFirst === 0 ? sumOfSecond / ofSecond : old.second,
  };
}

const { fround, abs } = Math;

/**
 * The 2^k values that k sign planes and a mean can decode to, rounded as `signDecode` rounds: bit i of the code set
 * means + scales[i]. The mean belongs to the first plane.
 */
export function signLevels(scales: readonly number[], mean: number): Float32Array {
  const levels = new Float32Array(2 ** scales.length);
  for (let code = 0; code < levels.length; code++) {
    let level = 0;
    scales.forEach((scale, i) => {
      const term = (code >> i) & 1 ? scale : -scale;
      level = fround(level + (i === 0 ? fround(term + mean) : term));
    });
    levels[code] = level;
  }
  return levels;
}

/** Code of the level nearest to w; the lower code on a tie. */
export function nearestLevel(w: number, levels: Float32Array): number {
  let nearest = 0;
  for (let code = 1; code < levels.length; code++) {
    if (abs(fround(w - levels[code]!)) < abs(fround(w - levels[nearest]!))) nearest = code;
  }
  return nearest;
}

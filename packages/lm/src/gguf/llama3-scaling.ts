import { plainFrequencies } from "../architectures/rotary-frequencies.js";

/**
 * The rule of Llama 3.1 that made factors of rotary frequencies: 1 for fast pairs, `factor` for slow ones, and between them
 * 1 / ((1 − s) / factor + s) with s = (original · frequency / 2π − low) / (high − low), a line in the frequency. Two pairs on
 * it give the line, not its three parameters; `low` is 1 in every published model.
 * @returns undefined where the rule does not give these factors again
 */
export function llama3Scaling(
  factors: readonly number[],
  base: number,
  rotarySize: number,
): Readonly<Record<string, number | string>> | undefined {
  const frequencies = plainFrequencies(base, rotarySize);
  const factor = Math.max(...factors);
  if (factor <= 1) return undefined;
  const points = factors.flatMap((value, i) =>
    value > 1 && value < factor
      ? [{ frequency: frequencies[i]!, share: (1 / value - 1 / factor) / (1 - 1 / factor) }]
      : [],
  );
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || first === last) return undefined;
  const slope = (first.share - last.share) / (first.frequency - last.frequency);
  const offset = slope * first.frequency - first.share;
  const high = roundedParameter(1 + 1 / offset);
  const original = Math.round(2 * Math.PI * slope * (high - 1));
  const isSame = factors.every((value, i) => {
    const share = ((original * frequencies[i]!) / (2 * Math.PI) - 1) / (high - 1);
    const expected = share <= 0 ? factor : share >= 1 ? 1 : 1 / ((1 - share) / factor + share);
    return Math.abs(value / expected - 1) < 2e-6;
  });
  if (!isSame) return undefined;
  return {
    rope_type: "llama3",
    factor,
    low_freq_factor: 1,
    high_freq_factor: high,
    original_max_position_embeddings: original,
  };
}

/** To five digits: the factors hold no more. */
function roundedParameter(value: number): number {
  return Number(value.toPrecision(5));
}

import type { RotaryPositions } from "../model/decoder-config.js";
import type { ConfigFields } from "./config-fields.js";

/**
 * YaRN (arXiv 2309.00071, section 3): pairs that turn more than `beta_fast` times in the original context keep their
 * frequency, those that turn less than `beta_slow` times are slowed down by `factor`, with a ramp over the pair numbers
 * between; cos and sin grow with the logarithm of the factor.
 */
export function yarnPositions(
  frequencies: readonly number[],
  base: number,
  original: number,
  scaling: ConfigFields,
): RotaryPositions {
  const factor = scaling.positive("factor");
  const rotarySize = 2 * frequencies.length;
  const pairOfTurns = (turns: number) =>
    (rotarySize * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const isTruncated = !scaling.isNull("truncate") && scaling.boolean("truncate", true);
  const first = pairOfTurns(scaling.positive("beta_fast", 32));
  const last = pairOfTurns(scaling.positive("beta_slow", 1));
  const begin = Math.max(0, isTruncated ? Math.floor(first) : first);
  const end = Math.min(rotarySize - 1, isTruncated ? Math.ceil(last) : last);
  const width = begin === end ? 0.001 : end - begin;
  return {
    kind: "rotary",
    frequencies: frequencies.map((frequency, pair) => {
      const slowed = Math.min(1, Math.max(0, (pair - begin) / width));
      return (frequency / factor) * slowed + frequency * (1 - slowed);
    }),
    attentionFactor: attentionFactor(factor, scaling),
  };
}

function attentionFactor(factor: number, scaling: ConfigFields): number {
  if (scaling.has("attention_factor")) return scaling.positive("attention_factor");
  const grown = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  if (!(scaling.has("mscale") && scaling.has("mscale_all_dim"))) return grown(1);
  return grown(scaling.positive("mscale")) / grown(scaling.positive("mscale_all_dim"));
}

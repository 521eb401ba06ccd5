import { type CodebookOptions, codebookQuantizer } from "../codebook/codebook-quantizer.js";
import type { Quantizer } from "../quantizer.js";

/**
 * Quantiles of the standard normal distribution at evenly spaced probabilities, eight on the side of 0 and below and
 * eight above, scaled to [−1, 1] (QLoRA, section 3 and appendix E); the constants of bitsandbytes.
 */
export const NF4_TABLE: readonly number[] = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
];

export const nf4: Quantizer<CodebookOptions> = codebookQuantizer({
  name: "nf4",
  summary: "4-bit codes into quantiles of the normal distribution, one scale a group.",
  source: "QLoRA (Dettmers et al. 2023), section 3",
  table: NF4_TABLE,
});

import { type CodebookOptions, codebookQuantizer } from "../codebook/codebook-quantizer.js";
import type { Quantizer } from "../quantizer.js";

/** Magnitudes of codes 0 to 7 in twelfths of the largest; codes 8 to 15 are their negatives. */
const MAGNITUDES = [0, 0.0625, 8, 12, 4, 6, 2, 3].map((twelfths) => Math.fround(twelfths / 12));

/** The table of bitsandbytes: sign, two bits of exponent, one bit of mantissa, in the order of its codes. */
export const FP4_TABLE: readonly number[] = [...MAGNITUDES, ...MAGNITUDES.map((magnitude) => 0 - magnitude)];

export const fp4: Quantizer<CodebookOptions> = codebookQuantizer({
  name: "fp4",
  summary: "4-bit floating-point codes, one scale a group.",
  source: "the 4-bit float of bitsandbytes (Dettmers et al. 2023), compared with nf4 in QLoRA, section 4",
  table: FP4_TABLE,
});

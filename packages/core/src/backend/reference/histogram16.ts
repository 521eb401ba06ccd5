import { checkHistogram } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

export const histogram16: KernelOps["histogram16"] = (source, counts) => {
  checkHistogram(counts);
  for (let i = 0; i + 1 < source.length; i += 2) counts[source[i]! + 256 * source[i + 1]!]! += 1;
};

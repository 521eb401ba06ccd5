import { checkHistogram } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

export const histogramFloats: KernelOps["histogramFloats"] = (values, counts) => {
  checkHistogram(counts);
  const bytes = new DataView(values.buffer, values.byteOffset, values.byteLength);
  for (let i = 0; i < values.length; i++) counts[bytes.getUint32(4 * i, true) >>> 16]! += 1;
};

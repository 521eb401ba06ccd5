import { decodeFloats as decode } from "../../dtype/decode-floats.js";
import { checkDecodeFloats } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

/** The conversions of dtype/ are the reference themselves: exact by construction, tested over every bit pattern. */
export const decodeFloats: KernelOps["decodeFloats"] = (dtype, source, target) => {
  checkDecodeFloats(dtype, source, target);
  return decode(dtype, source, target);
};

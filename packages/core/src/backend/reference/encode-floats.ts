import { encodeFloats as encode } from "../../dtype/encode-floats.js";
import { checkEncodeFloats } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

/** The conversions of dtype/ are the reference themselves: exact by construction, tested over every bit pattern. */
export const encodeFloats: KernelOps["encodeFloats"] = (dtype, source, target) => {
  checkEncodeFloats(dtype, source, target);
  encode(dtype, source, target);
};

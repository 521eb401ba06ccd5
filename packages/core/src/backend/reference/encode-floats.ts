/** The conversions of dtype/ are the reference themselves: exact by construction, tested over every bit pattern. */
export { encodeFloats } from "../../dtype/encode-floats.js";

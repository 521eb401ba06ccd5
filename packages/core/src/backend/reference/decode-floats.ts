/** The conversions of dtype/ are the reference themselves: exact by construction, tested over every bit pattern. */
export { decodeFloats } from "../../dtype/decode-floats.js";

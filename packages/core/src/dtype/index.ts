export { decodeFloats } from "./decode-floats.js";
export { decodeTable } from "./decode-table.js";
export { DTYPES, type Dtype, type DtypeClass, type DtypeEntry, type FloatDtype, isFloatDtype } from "./dtype-table.js";
export { encodeFloats } from "./encode-floats.js";
export {
  decodeSmallFloat,
  encodeSmallFloat,
  isSmallFloat,
  SMALL_FLOATS,
  type SmallFloatDtype,
  type SmallFloatFormat,
} from "./small-float.js";

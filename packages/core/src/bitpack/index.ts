export { packCodes } from "./pack-codes.js";
export { packTrits, type TritPacking, tritByteLength, unpackTrits } from "./pack-trits.js";
export { packedByteLength } from "./packed-byte-length.js";
export { unpackCodes } from "./unpack-codes.js";

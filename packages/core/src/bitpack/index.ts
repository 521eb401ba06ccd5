export { packCodes } from "./pack-codes.js";
export { packedByteLength } from "./packed-byte-length.js";
export { unpackCodes } from "./unpack-codes.js";

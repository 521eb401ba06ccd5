import { DTYPES } from "./dtype-table.js";
import { decodeSmallFloat, SMALL_FLOATS, type SmallFloatDtype } from "./small-float.js";

const tables = new Map<SmallFloatDtype, Float32Array>();

/** Values of all bit patterns of a dtype, made on first use: 2^bits entries. Not to be written to. */
export function decodeTable(dtype: SmallFloatDtype): Float32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    const format = SMALL_FLOATS[dtype];
    table = Float32Array.from({ length: 2 ** DTYPES[dtype].bits }, (_, pattern) => decodeSmallFloat(format, pattern));
    tables.set(dtype, table);
  }
  return table;
}

import type { KernelBackend } from "../backend/kernel-backend.js";
import { DTYPES, type Dtype, type FloatDtype, isFloatDtype } from "../dtype/dtype-table.js";
import { type StatisticsPartial, scanMethod } from "./statistics-partial.js";
import { clampTable, type ValueTable, valueTable } from "./value-table.js";

/** The value of every code of a dtype of at most 16 bits. */
export function codeValues(dtype: Dtype, backend: KernelBackend): Float64Array {
  const { bits } = DTYPES[dtype];
  const size = 2 ** bits;
  if (isFloatDtype(dtype)) return Float64Array.from(decodedCodes(dtype, bits, size, backend));
  const signed = dtype === "I8" || dtype === "I16";
  return Float64Array.from({ length: size }, (_, code) => (signed && code >= size / 2 ? code - size : code));
}

function decodedCodes(dtype: FloatDtype, bits: number, size: number, backend: KernelBackend): Float32Array {
  const codes = new Uint8Array((size * bits) / 8);
  for (let code = 0; code < size; code++) {
    for (let bit = 0; bit < bits; bit++) {
      const position = code * bits + bit;
      codes[position >> 3]! |= ((code >> bit) & 1) << (position & 7);
    }
  }
  const values = new Float32Array(size);
  backend.decodeFloats(dtype, codes, values);
  return values;
}

/** Counts of the codes, and of NaN and infinite ones, of what a scan has counted. */
export interface PartialTable {
  /** Finite values. At bf16 resolution (f32, f64) each stands for its bin: its middle, 0 for zero. */
  readonly table: ValueTable;
  readonly nanCount: number;
  readonly infiniteCount: number;
}

/** Turns the counters of a scan into values. */
export function partialTable(dtype: Dtype, partial: StatisticsPartial, backend: KernelBackend): PartialTable {
  const method = scanMethod(dtype);
  if (method === "sums" && partial.sums) {
    const { minimum, maximum, nanCount, infiniteCount } = partial.sums;
    const table = valueTable(binMiddles(), partial.words);
    return { table: clampTable(table, minimum, maximum), nanCount, infiniteCount };
  }
  const counts = method === "bytes" ? elementCounts(dtype, partial) : partial.words;
  const values = codeValues(method === "decoded" ? "BF16" : dtype, backend);
  let nanCount = 0;
  let infiniteCount = 0;
  for (let code = 0; code < values.length; code++) {
    if (Number.isNaN(values[code]!)) nanCount += counts[code]!;
    else if (!Number.isFinite(values[code]!)) infiniteCount += counts[code]!;
  }
  return { table: valueTable(values, counts), nanCount, infiniteCount };
}

/** Pairs of bytes → codes of 8 or 4 bits. */
function elementCounts(dtype: Dtype, { words, oddByte }: StatisticsPartial): Float64Array {
  const bytes = new Float64Array(256);
  for (let word = 0; word < words.length; word++) {
    bytes[word & 0xff]! += words[word]!;
    bytes[word >> 8]! += words[word]!;
  }
  if (oddByte !== undefined) bytes[oddByte]! += 1;
  if (DTYPES[dtype].bits === 8) return bytes;
  const nibbles = new Float64Array(16);
  for (let byte = 0; byte < 256; byte++) {
    nibbles[byte & 15]! += bytes[byte]!;
    nibbles[byte >> 4]! += bytes[byte]!;
  }
  return nibbles;
}

/** The f32 in the middle of all that share an upper half: at most 2^-8 of it away from each. */
function binMiddles(): Float64Array {
  const bits = Uint32Array.from({ length: 65536 }, (_, word) =>
    (word & 0x7fff) === 0 ? 0 : ((word << 16) | 0x8000) >>> 0,
  );
  return Float64Array.from(new Float32Array(bits.buffer));
}

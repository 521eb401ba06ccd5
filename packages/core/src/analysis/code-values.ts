import type { KernelBackend } from "../backend/kernel-backend.js";
import { DTYPES, type Dtype, isFloatDtype } from "../dtype/dtype-table.js";
import { type StatisticsPartial, scanMethod } from "./statistics-partial.js";
import { ascendingCodes, clampTable, tableOfCodes, type ValueTable } from "./value-table.js";

/** The values of all codes, and the order of the finite ones. Not to be written to. */
export interface CodeValues {
  /** [codes]. */
  readonly values: Float64Array;
  /** Codes of finite values, by value. */
  readonly ascending: Uint16Array;
}

/** Made once a dtype: all backends decode to the same values, and every tensor needs them. */
const KNOWN = new Map<Dtype | "bins", CodeValues>();

/** The value of every code of a dtype of at most 16 bits. */
export function codeValues(dtype: Dtype, backend: KernelBackend): CodeValues {
  return remember(dtype, () => computeCodeValues(dtype, backend));
}

function remember(key: Dtype | "bins", compute: () => Float64Array): CodeValues {
  const known = KNOWN.get(key);
  if (known) return known;
  const values = compute();
  const made = { values, ascending: ascendingCodes(values) };
  KNOWN.set(key, made);
  return made;
}

function computeCodeValues(dtype: Dtype, backend: KernelBackend): Float64Array {
  const { bits } = DTYPES[dtype];
  const size = 2 ** bits;
  if (isFloatDtype(dtype)) {
    const values = new Float32Array(size);
    backend.decodeFloats(dtype, bits === 16 ? allWords() : allSmallCodes(bits), values);
    return new Float64Array(values);
  }
  const signed = dtype === "I8" || dtype === "I16";
  return Float64Array.from({ length: size }, (_, code) => (signed && code >= size / 2 ? code - size : code));
}

function allWords(): Uint8Array {
  const words = new Uint16Array(65536);
  for (let word = 0; word < words.length; word++) words[word] = word;
  return new Uint8Array(words.buffer);
}

/** All codes of 4, 6 or 8 bits one after another, lowest bits first. */
function allSmallCodes(bits: number): Uint8Array {
  const size = 2 ** bits;
  const codes = new Uint8Array((size * bits) / 8);
  for (let code = 0; code < size; code++) {
    const position = code * bits;
    const shifted = code << (position & 7);
    codes[position >> 3]! |= shifted & 0xff;
    if (shifted > 0xff) codes[(position >> 3) + 1]! |= shifted >> 8;
  }
  return codes;
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
    const { values, ascending } = remember("bins", binMiddles);
    const table = tableOfCodes(values, partial.words, ascending);
    return { table: clampTable(table, minimum, maximum), nanCount, infiniteCount };
  }
  const counts = method === "bytes" ? elementCounts(dtype, partial) : partial.words;
  const { values, ascending } = codeValues(method === "decoded" ? "BF16" : dtype, backend);
  let nanCount = 0;
  let infiniteCount = 0;
  for (let code = 0; code < values.length; code++) {
    if (Number.isFinite(values[code]!)) continue;
    if (Number.isNaN(values[code]!)) nanCount += counts[code]!;
    else infiniteCount += counts[code]!;
  }
  return { table: tableOfCodes(values, counts, ascending), nanCount, infiniteCount };
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
  const bits = new Uint32Array(65536);
  for (let word = 0; word < bits.length; word++) bits[word] = (word & 0x7fff) === 0 ? 0 : (word << 16) | 0x8000;
  return new Float64Array(new Float32Array(bits.buffer));
}

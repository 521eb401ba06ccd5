import type { ByteSource } from "../bytes/byte-source.js";
import { readUint64 } from "../bytes/checked-integers.js";
import { isLowbitError, LowbitError } from "../errors/index.js";
import { checkCoverage, checkTensorSpan } from "./header-coverage.js";
import { type HeaderEntries, scanEntries } from "./header-entries.js";
import type { HeaderEntry } from "./header-entry.js";
import { type HeaderProblem, type ProblemReport, throwProblem } from "./header-problem.js";
import { JsonScanner } from "./json-scanner.js";

/** Bytes of the header length that opens a file. */
export const LENGTH_BYTES = 8;

/** Limit of the reference implementation: no larger header is read by any library, and a hostile length costs nothing. */
export const MAX_HEADER_BYTES = 100_000_000;

/** A header in which every number was checked against the size of the file. */
export interface Header {
  /** In the order of the header. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where tensor data begin in the file: 8 + the header length. */
  readonly dataStart: number;
}

/**
 * Reads and checks the header of a safetensors file. Nothing is allocated before its size is checked against the file.
 * @throws the first problem, with a `safetensors/…` code
 */
export async function readHeader(source: ByteSource, options?: { readonly signal?: AbortSignal }): Promise<Header> {
  const bytes = await readHeaderBytes(source, options);
  try {
    return parseHeader(bytes, source.byteLength);
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    throw new LowbitError(error.code, `${source.name}: ${error.message}`, { source: source.name, ...error.facts });
  }
}

/**
 * The length prefix and as much of the header as the file has, ready for `parseHeader` or `validateHeader`. When the
 * stated length is not credible only the prefix is returned; both then report why.
 */
export async function readHeaderBytes(
  source: ByteSource,
  options?: { readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const prefix = new Uint8Array(Math.min(LENGTH_BYTES, source.byteLength));
  await source.read(0, prefix, options);
  let credible = true;
  const length = headerLength(prefix, source.byteLength, () => {
    credible = false;
  });
  if (!credible) return prefix;
  const bytes = new Uint8Array(LENGTH_BYTES + length);
  await source.read(0, bytes, options);
  return bytes;
}

/**
 * @param bytes the file's first 8 + header length bytes; bytes after them are ignored
 * @param fileSize size of the whole file
 * @throws the first problem
 */
export function parseHeader(bytes: Uint8Array, fileSize: number): Header {
  const length = headerLength(bytes, fileSize, throwProblem);
  const { entries, metadata } = scanJson(bytes, length, throwProblem);
  const dataStart = LENGTH_BYTES + length;
  checkCoverage(entries, dataStart, fileSize - dataStart, throwProblem);
  return { entries, metadata, dataStart };
}

/** Every problem of a header, in the order of the bytes; empty when `parseHeader` would accept it. */
export function validateHeader(bytes: Uint8Array, fileSize: number): readonly HeaderProblem[] {
  const problems: HeaderProblem[] = [];
  const report: ProblemReport = (code, message, facts) => {
    problems.push({ code, message, facts });
  };
  const length = headerLength(bytes, fileSize, report);
  if (problems.length > 0) return problems;
  let scanned: HeaderEntries;
  try {
    scanned = scanJson(bytes, length, report);
  } catch (error) {
    // A syntax fault: nothing after it can be read.
    if (!isLowbitError(error)) throw error;
    report(error.code, error.message, error.facts);
    return problems;
  }
  // A dropped entry leaves a hole that is not the file's; coverage is judged only when every entry is known.
  const dataStart = LENGTH_BYTES + length;
  if (problems.length === 0) checkCoverage(scanned.entries, dataStart, fileSize - dataStart, report);
  else for (const entry of scanned.entries) checkTensorSpan(entry, report);
  return problems;
}

/** The header length, 0 after a problem was reported. */
function headerLength(bytes: Uint8Array, fileSize: number, report: ProblemReport): number {
  if (fileSize < LENGTH_BYTES || bytes.byteLength < LENGTH_BYTES) {
    report("safetensors/file-too-small", `The file has ${fileSize} bytes; a safetensors file has at least 8.`, {
      size: fileSize,
    });
    return 0;
  }
  const length = readUint64(bytes, 0);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    report(
      "safetensors/header-too-large",
      `The file states a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are allowed.`,
      { byteOffset: 0, found: String(length), allowed: MAX_HEADER_BYTES },
    );
    return 0;
  }
  if (Number(length) > fileSize - LENGTH_BYTES) {
    report(
      "safetensors/header-past-end",
      `The file states a header of ${length} bytes, but only ${fileSize - LENGTH_BYTES} follow the length.`,
      { byteOffset: 0, found: Number(length), available: fileSize - LENGTH_BYTES },
    );
    return 0;
  }
  return Number(length);
}

function scanJson(bytes: Uint8Array, length: number, report: ProblemReport): HeaderEntries {
  const end = LENGTH_BYTES + length;
  if (bytes[LENGTH_BYTES] !== 0x7b || length === 0) {
    throw new LowbitError("safetensors/header-start", `The header must begin with "{" (byte 0x7b at position 8).`, {
      byteOffset: length === 0 ? 0 : LENGTH_BYTES,
      found: length === 0 ? null : bytes[LENGTH_BYTES]!,
    });
  }
  const asciiText = decodeHeader(bytes.subarray(0, end));
  const scanner = new JsonScanner(bytes.subarray(0, end), LENGTH_BYTES, {
    ...(asciiText === undefined ? {} : { asciiText }),
    fail: (reason, position) =>
      new LowbitError("safetensors/header-json", `The header is not valid JSON: ${reason} (byte ${position}).`, {
        byteOffset: Math.min(position, end - 1), // what is missing at the end is missing after the last byte
        reason,
      }),
  });
  return scanEntries(scanner, report);
}

/** Header as text when it is ASCII throughout, with 8 characters for the length before it so that positions agree. */
function decodeHeader(bytes: Uint8Array): string | undefined {
  // Spaces decoded with it: a text that is put together of two takes longer to read.
  const spaced = bytes.slice().fill(0x20, 0, LENGTH_BYTES);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(spaced);
  } catch {
    const position = LENGTH_BYTES + firstInvalidUtf8(bytes.subarray(LENGTH_BYTES));
    throw new LowbitError("safetensors/header-utf8", `The header is not valid UTF-8 (byte ${position}).`, {
      byteOffset: Math.min(position, bytes.byteLength - 1),
    });
  }
  return text.length === spaced.byteLength ? text : undefined;
}

/** Position of the first byte that no UTF-8 text could have there; only asked once decoding has failed. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  const prefixIsValid = (end: number) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let valid = 0;
  let invalid = bytes.byteLength + 1;
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (middle <= bytes.byteLength && prefixIsValid(middle)) valid = middle;
    else invalid = middle;
  }
  return valid;
}

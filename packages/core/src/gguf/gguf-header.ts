import type { ByteSource } from "../bytes/byte-source.js";
import { alignUp } from "../bytes/checked-integers.js";
import { isLowbitError, LowbitError } from "../errors/index.js";
import { type HeaderProblem, type ProblemReport, throwProblem } from "../safetensors/header-problem.js";
import type { GgufTypeName } from "./gguf-types.js";
import type { GgufMetadata, GgufValue } from "./gguf-value.js";
import { HeaderCursor, type HeaderParser } from "./header-cursor.js";
import { parseMetadata } from "./parse-metadata.js";
import { parseTensorInfos } from "./parse-tensor-infos.js";
import { placeTensors } from "./place-tensors.js";

/** A tensor of a GGUF file. */
export interface GgufTensor {
  readonly name: string;
  /** Outermost axis first, the reverse of the file's order. */
  readonly shape: readonly number[];
  readonly type: GgufTypeName;
  /** Number of the type in the file. */
  readonly typeId: number;
  /** Present where another program means something else by that number: what it would be. */
  readonly otherReading?: string;
  /** Position of the first byte in the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Everything before the data of a GGUF file, checked against the size of the file. */
export interface GgufHeader {
  readonly version: 2 | 3;
  readonly alignment: number;
  readonly metadata: GgufMetadata;
  /** In file order. */
  readonly tensors: readonly GgufTensor[];
  readonly dataStart: number;
}

export interface ReadGgufOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the first read; later reads grow. Default 1 MiB. */
  readonly pieceBytes?: number;
}

/** The four bytes that begin every file. */
export const GGUF_MAGIC = "GGUF";
export const DEFAULT_ALIGNMENT = 32;
export const ALIGNMENT_KEY = "general.alignment";

/** Magic, version and the two counts. */
const FIXED_BYTES = 24;

/** A number of things that the file states. */
interface Count {
  readonly things: string;
  readonly what: string;
  /** Where it stands. */
  readonly byteOffset: number;
  /** Least bytes of one of them. */
  readonly leastBytes: number;
}

/** A description: length of the name, axes, type, offset. */
const TENSORS: Count = { things: "tensors", what: "The number of tensors", byteOffset: 8, leastBytes: 8 + 4 + 4 + 8 };
/** A key with its value: length of the key, type of the value, and a byte. */
const PAIRS: Count = {
  things: "metadata keys",
  what: "The number of metadata keys",
  byteOffset: 16,
  leastBytes: 8 + 4 + 1,
};

const PIECE_BYTES = 2 ** 20;
/** Above this many bytes a read adds half of what is there, not as much again. */
const SLOWER_GROWTH_BYTES = 2 ** 23;

/**
 * Reads the header in pieces that grow, so that only headers are read, over a network too.
 * @throws the first problem, with a `gguf/…` code
 */
export async function readGgufHeader(source: ByteSource, options: ReadGgufOptions = {}): Promise<GgufHeader> {
  try {
    return await readWith(source, throwProblem, options);
  } catch (error) {
    if (!isLowbitError(error) || !error.code.startsWith("gguf/")) throw error;
    throw new LowbitError(error.code, `${source.name}: ${error.message}`, { source: source.name, ...error.facts });
  }
}

/**
 * Every problem of a header, arrays decoded, in the order of the bytes; empty when {@link readGgufHeader} would accept
 * it and nothing stands behind the data.
 */
export async function validateGguf(
  source: ByteSource,
  options: ReadGgufOptions = {},
): Promise<readonly HeaderProblem[]> {
  const problems: HeaderProblem[] = [];
  const report: ProblemReport = (code, message, facts) => {
    problems.push({ code, message, facts });
  };
  try {
    const header = await readWith(source, report, options);
    decodeArrays(header.metadata, report);
    if (problems.length === 0) checkEnd(header, source.byteLength, report);
  } catch (error) {
    if (!isLowbitError(error) || !error.code.startsWith("gguf/")) throw error;
    // Nothing after it can be read.
    report(error.code, error.message, error.facts);
  }
  return problems;
}

function decodeArrays(metadata: GgufMetadata, report: ProblemReport): void {
  for (const value of metadata.values()) {
    try {
      if (value.type === "array") void value.values;
    } catch (error) {
      if (!isLowbitError(error)) throw error;
      report(error.code, error.message, error.facts);
    }
  }
}

function checkEnd({ tensors, alignment, dataStart }: GgufHeader, fileSize: number, report: ProblemReport): void {
  const last = tensors.at(-1);
  const end = last === undefined ? dataStart : alignUp(last.byteOffset + last.byteLength, alignment);
  if (fileSize <= end) return;
  report("gguf/trailing-bytes", `The file has ${fileSize} bytes; its tensors end at ${end}.`, {
    byteOffset: end,
    found: fileSize,
    expected: end,
  });
}

async function readWith(source: ByteSource, report: ProblemReport, options: ReadGgufOptions): Promise<GgufHeader> {
  const { signal, pieceBytes = PIECE_BYTES } = options;
  const cursor = new HeaderCursor(source.byteLength);
  const parser = parseHeader(cursor, report);
  for (;;) {
    const step = parser.next();
    if (step.done) return step.value;
    const have = cursor.bytes.byteLength;
    const more = Math.max(pieceBytes, have > SLOWER_GROWTH_BYTES ? have / 2 : have);
    const size = Math.min(source.byteLength, Math.max(step.value, Math.floor(have + more)));
    const bytes = new Uint8Array(size);
    bytes.set(cursor.bytes);
    await source.read(have, bytes.subarray(have), signal === undefined ? {} : { signal });
    cursor.setBytes(bytes);
  }
}

function* parseHeader(cursor: HeaderCursor, report: ProblemReport): HeaderParser<GgufHeader> {
  const version = yield* parseVersion(cursor);
  const tensorCount = checkCount(yield* cursor.uint64(TENSORS.what), TENSORS);
  const pairCount = checkCount(yield* cursor.uint64(PAIRS.what), PAIRS);
  holds(cursor, pairCount, PAIRS);
  holds(cursor, tensorCount, TENSORS);
  const { metadata, keyOffsets } = yield* parseMetadata(cursor, pairCount, report);
  holds(cursor, tensorCount, TENSORS);
  const infos = yield* parseTensorInfos(cursor, tensorCount, report);
  const alignment = alignmentOf(metadata.get(ALIGNMENT_KEY), keyOffsets.get(ALIGNMENT_KEY), report);
  const dataStart = alignUp(cursor.position, alignment);
  const tensors = placeTensors(infos, { dataStart, alignment, fileSize: cursor.fileSize }, report);
  return { version, alignment, metadata, tensors, dataStart };
}

function* parseVersion(cursor: HeaderCursor): HeaderParser<2 | 3> {
  const magic = cursor.fileSize < 4 ? 0 : yield* cursor.take(4, "The magic number");
  const found = String.fromCharCode(...cursor.bytes.subarray(magic, magic + 4));
  if (found !== GGUF_MAGIC) {
    throw new LowbitError(
      "gguf/magic",
      `The file begins with ${JSON.stringify(found)}, not with "${GGUF_MAGIC}"; it is no GGUF file.`,
      { ...(cursor.fileSize > 0 && { byteOffset: 0 }), found },
    );
  }
  if (cursor.fileSize < FIXED_BYTES) {
    throw new LowbitError(
      "gguf/file-too-small",
      `The file has ${cursor.fileSize} bytes; a GGUF file has at least ${FIXED_BYTES}.`,
      { byteOffset: 0, size: cursor.fileSize },
    );
  }
  const version = yield* cursor.uint32("The version");
  if (version === 2 || version === 3) return version;
  const facts = { byteOffset: 4, found: version };
  // Read from the wrong end, a small number has two zero bytes where a real version has its value.
  if (version % 0x10000 === 0 && version !== 0) {
    throw new LowbitError("gguf/byte-order", "The file is big-endian; only little-endian files are read.", facts);
  }
  if (version === 1) {
    throw new LowbitError("gguf/old-version", "The file is of version 1; versions 2 and 3 are read.", facts);
  }
  throw new LowbitError("gguf/unknown-version", `The file is of version ${version}; versions 2 and 3 are read.`, facts);
}

function checkCount(stated: bigint, count: Count): number {
  if (stated <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(stated);
  throw badCount(stated, count, 0);
}

/** A count that the rest of the file has no room for is refused before a loop believes it. */
function holds(cursor: HeaderCursor, stated: number, count: Count): void {
  const most = Math.floor(cursor.left / count.leastBytes);
  if (stated > most) throw badCount(BigInt(stated), count, most);
}

function badCount(stated: bigint, { things, byteOffset }: Count, allowed: number): LowbitError {
  return new LowbitError("gguf/count", `The file states ${stated} ${things}, but has room for ${allowed} at most.`, {
    byteOffset,
    found: String(stated),
    allowed,
  });
}

function alignmentOf(value: GgufValue | undefined, byteOffset: number | undefined, report: ProblemReport): number {
  if (value === undefined) return DEFAULT_ALIGNMENT;
  if (value.type === "uint32") {
    const alignment = value.value as number;
    if (alignment > 0 && Number.isInteger(Math.log2(alignment))) return alignment;
  }
  const found = value.type === "array" ? "an array" : `${value.value} (${value.type})`;
  report("gguf/alignment", `${ALIGNMENT_KEY} is ${found}; a power of two as uint32 is allowed.`, {
    byteOffset: byteOffset!,
    found,
  });
  return DEFAULT_ALIGNMENT;
}

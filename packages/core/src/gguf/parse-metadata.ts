import { safeCount } from "../bytes/checked-integers.js";
import { LowbitError } from "../errors/index.js";
import { type ProblemReport, quoteName } from "../safetensors/header-problem.js";
import {
  ARRAY_ID,
  GGUF_SCALARS,
  type GgufArray,
  type GgufScalar,
  type GgufScalarType,
  type GgufValue,
} from "./gguf-value.js";
import { decodeText, type HeaderCursor, type HeaderParser } from "./header-cursor.js";

/** Longest key of the specification. */
export const MAX_KEY_BYTES = 65_535;

const SCALAR_OF_ID = new Map<number, GgufScalarType>(
  Object.entries(GGUF_SCALARS).map(([type, { id }]) => [id, type as GgufScalarType]),
);

export interface ParsedMetadata {
  readonly metadata: Map<string, GgufValue>;
  /** Where every key stands in the file. */
  readonly keyOffsets: ReadonlyMap<string, number>;
}

/** Reads `count` keys with their values; arrays are stepped over and decoded on demand. */
export function* parseMetadata(
  cursor: HeaderCursor,
  count: number,
  report: ProblemReport,
): HeaderParser<ParsedMetadata> {
  const metadata = new Map<string, GgufValue>();
  const keyOffsets = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const byteOffset = cursor.position;
    const span = yield* cursor.text(`Key ${index} of the metadata`);
    const keyBytes = span.end - span.begin;
    if (keyBytes === 0 || keyBytes > MAX_KEY_BYTES) {
      throw new LowbitError(
        "gguf/key-length",
        `Key ${index} of the metadata has ${keyBytes} bytes; 1 to ${MAX_KEY_BYTES} are allowed.`,
        { byteOffset, found: keyBytes, allowed: MAX_KEY_BYTES },
      );
    }
    const key = cursor.decode(span, `Key ${index} of the metadata`);
    if (metadata.has(key)) {
      report("gguf/duplicate-key", `The key ${quoteName(key)} occurs twice.`, { key, byteOffset });
    }
    metadata.set(key, yield* parseValue(cursor, key, report));
    keyOffsets.set(key, byteOffset);
  }
  return { metadata, keyOffsets };
}

function* parseValue(cursor: HeaderCursor, key: string, report: ProblemReport): HeaderParser<GgufValue> {
  const what = `The value of ${quoteName(key)}`;
  const id = yield* cursor.uint32(what);
  if (id === ARRAY_ID) return yield* parseArray(cursor, key, what);
  const type = scalarType(id, key, cursor.position - 4);
  if (type === "string") {
    const span = yield* cursor.text(what);
    return { type, value: cursor.decode(span, what) };
  }
  const begin = yield* cursor.take(GGUF_SCALARS[type].bytes, what);
  const bytes = cursor.bytes.subarray(begin, cursor.position);
  if (type === "bool" && bytes[0]! > 1) {
    const { code, message, facts } = badBoolean(bytes[0]!, what, begin);
    report(code, message, facts);
    return { type, value: true };
  }
  return { type, value: decodeScalars(bytes, type, 1, what, begin)[0]! };
}

function* parseArray(cursor: HeaderCursor, key: string, what: string): HeaderParser<GgufArray> {
  const id = yield* cursor.uint32(what);
  if (id === ARRAY_ID) {
    throw new LowbitError("gguf/nested-array", `${what} is an array of arrays, which GGUF files may not hold.`, {
      key,
      byteOffset: cursor.position - 4,
    });
  }
  const elementType = scalarType(id, key, cursor.position - 4);
  const stated = yield* cursor.uint64(what);
  const { bytes } = GGUF_SCALARS[elementType];
  const length = safeCount(stated);
  // Every element takes up bytes, so a count that the file cannot hold costs nothing.
  if (length === undefined || length > cursor.left / bytes) {
    throw new LowbitError(
      "gguf/array-length",
      `${what} is an array of ${stated} elements, but the ${cursor.left} bytes that follow hold at most ${Math.floor(cursor.left / bytes)}.`,
      { key, byteOffset: cursor.position - 8, found: String(stated), allowed: Math.floor(cursor.left / bytes) },
    );
  }
  const begin = cursor.position;
  if (elementType === "string") yield* cursor.skipTexts(length, what);
  else yield* cursor.take(length * bytes, what);
  const end = cursor.position;
  let values: readonly GgufScalar[] | undefined;
  return {
    type: "array",
    elementType,
    length,
    get values() {
      values ??= decodeScalars(cursor.bytes.subarray(begin, end), elementType, length, what, begin);
      return values;
    },
  };
}

function scalarType(id: number, key: string, byteOffset: number): GgufScalarType {
  const type = SCALAR_OF_ID.get(id);
  if (type !== undefined) return type;
  throw new LowbitError("gguf/value-type", `The value of ${quoteName(key)} has type ${id}; types are 0 to 12.`, {
    key,
    byteOffset,
    found: id,
  });
}

function badBoolean(found: number, what: string, byteOffset: number): LowbitError {
  return new LowbitError("gguf/bool-value", `${what} is a boolean of ${found}; 0 and 1 are allowed.`, {
    byteOffset,
    found,
  });
}

/**
 * @param byteOffset of the first element in the file
 * @throws `gguf/text-utf8`, `gguf/bool-value`
 */
function decodeScalars(
  bytes: Uint8Array,
  type: GgufScalarType,
  length: number,
  what: string,
  byteOffset: number,
): GgufScalar[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "string") return decodeTexts(bytes, view, length, what, byteOffset);
  const size = GGUF_SCALARS[type].bytes;
  const read = READERS[type];
  const values: GgufScalar[] = new Array(length);
  for (let index = 0; index < length; index++) {
    const value = read(view, index * size);
    if (value === undefined) throw badBoolean(view.getUint8(index * size), what, byteOffset + index * size);
    values[index] = value;
  }
  return values;
}

function decodeTexts(bytes: Uint8Array, view: DataView, length: number, what: string, byteOffset: number): string[] {
  const texts: string[] = new Array(length);
  let position = 0;
  for (let index = 0; index < length; index++) {
    // Lengths were checked when the array was stepped over.
    const begin = position + 8;
    position = begin + Number(view.getBigUint64(position, true));
    texts[index] = decodeText(bytes.subarray(begin, position), `${what}: element ${index}`, byteOffset + begin);
  }
  return texts;
}

const READERS: Readonly<
  Record<Exclude<GgufScalarType, "string">, (view: DataView, offset: number) => GgufScalar | undefined>
> = {
  uint8: (view, offset) => view.getUint8(offset),
  int8: (view, offset) => view.getInt8(offset),
  uint16: (view, offset) => view.getUint16(offset, true),
  int16: (view, offset) => view.getInt16(offset, true),
  uint32: (view, offset) => view.getUint32(offset, true),
  int32: (view, offset) => view.getInt32(offset, true),
  float32: (view, offset) => view.getFloat32(offset, true),
  bool: (view, offset) => [false, true][view.getUint8(offset)],
  uint64: (view, offset) => exactNumber(view.getBigUint64(offset, true)),
  int64: (view, offset) => exactNumber(view.getBigInt64(offset, true)),
  float64: (view, offset) => view.getFloat64(offset, true),
};

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

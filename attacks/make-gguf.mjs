/** Builders for GGUF files that no writer would make. Everything little-endian. */

const encoder = new TextEncoder();

export const TYPE_IDS = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
};

export function joined(...parts) {
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    file.set(part, position);
    position += part.length;
  }
  return file;
}

/** The lowest `bytes` bytes of an integer, a bigint for 64 bits. */
export function integer(value, bytes) {
  return Uint8Array.from({ length: bytes }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));
}

export const u32 = (value) => integer(value, 4);
export const u64 = (value) => integer(value, 8);

/** A text with its length; `length` overrides what is stated. */
export function text(value, length = undefined) {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return joined(u64(length ?? bytes.length), bytes);
}

/** A key with a value, given as bytes. */
export function pair(key, type, value) {
  return joined(text(key), u32(TYPE_IDS[type] ?? type), value);
}

/** An array value: element type, count and elements as bytes. */
export function array(elementType, count, elements = new Uint8Array(0)) {
  return joined(u32(TYPE_IDS[elementType] ?? elementType), u64(count), elements);
}

/** Description of a tensor; `sizes` row length first, as in the file. */
export function info({ name = "a", axes = undefined, sizes = [2], type = 0, offset = 0 } = {}) {
  return joined(text(name), u32(axes ?? sizes.length), ...sizes.map(u64), u32(type), u64(offset));
}

/**
 * A file from its parts: pairs and infos as bytes, counts as they are or overridden, zeros up to the alignment, and
 * `dataBytes` zeros.
 */
export function makeGguf({
  magic = "GGUF",
  version = 3,
  tensors = [],
  pairs = [],
  tensorCount = tensors.length,
  pairCount = pairs.length,
  alignment = 32,
  dataBytes = 0,
} = {}) {
  const head = joined(encoder.encode(magic), u32(version), u64(tensorCount), u64(pairCount), ...pairs, ...tensors);
  const padding = tensors.length > 0 ? (alignment - (head.length % alignment)) % alignment : 0;
  return joined(head, new Uint8Array(padding + dataBytes));
}

/** A file with one tensor "a", F32 of two elements at the start of the data. */
export function oneTensorGguf(fields = {}, { dataBytes = 32, ...file } = {}) {
  return makeGguf({ tensors: [info(fields)], dataBytes, ...file });
}

/** Builders for files that no writer would make. */

const encoder = new TextEncoder();

/** A file from its parts; `length` overrides the stated header length (a bigint up to 2^64 − 1). */
export function makeFile(header, dataBytes = 0, length = undefined) {
  const json = typeof header === "string" ? encoder.encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

/** Text of one tensor entry; any field can be replaced by raw JSON text. */
export function entry({ dtype = '"F32"', shape = "[2]", offsets = "[0,8]" } = {}) {
  return `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
}

/** A header with one tensor "a". */
export function oneTensor(fields) {
  return `{"a":${entry(fields)}}`;
}

/** Text as bytes, with single bytes written as \xNN. */
export function rawBytes(text) {
  const parts = text.split(/(\\x[0-9a-f]{2})/);
  const bytes = parts.flatMap((part) =>
    /^\\x[0-9a-f]{2}$/.test(part) ? [Number.parseInt(part.slice(2), 16)] : [...encoder.encode(part)],
  );
  return Uint8Array.from(bytes);
}

export function textBytes(text) {
  return encoder.encode(text);
}

interface EntryFields {
  readonly dtype?: string;
  readonly shape?: string;
  readonly offsets?: string;
}

/** A file from its parts; `length` overrides the stated header length. */
export function makeFile(header: string | Uint8Array, dataBytes?: number, length?: bigint): Uint8Array<ArrayBuffer>;
/** Text of one tensor entry (F32[2] at [0, 8]); any field can be replaced by raw JSON text. */
export function entry(fields?: EntryFields): string;
/** A header with one tensor "a". */
export function oneTensor(fields?: EntryFields): string;
/** Text as bytes, with single bytes written as \xNN. */
export function rawBytes(text: string): Uint8Array<ArrayBuffer>;
export function textBytes(text: string): Uint8Array<ArrayBuffer>;

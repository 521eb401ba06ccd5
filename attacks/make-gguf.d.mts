type Integer = number | bigint;

export const TYPE_IDS: Readonly<Record<string, number>>;
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
/** The lowest `bytes` bytes of an integer. */
export function integer(value: Integer, bytes: number): Uint8Array<ArrayBuffer>;
export function u32(value: Integer): Uint8Array<ArrayBuffer>;
export function u64(value: Integer): Uint8Array<ArrayBuffer>;
/** A text with its length; `length` overrides what is stated. */
export function text(value: string | Uint8Array, length?: Integer): Uint8Array<ArrayBuffer>;
/** A key with a value, given as bytes. */
export function pair(key: string | Uint8Array, type: string | number, value: Uint8Array): Uint8Array<ArrayBuffer>;
/** An array value: element type, count and elements as bytes. */
export function array(elementType: string | number, count: Integer, elements?: Uint8Array): Uint8Array<ArrayBuffer>;

interface InfoFields {
  readonly name?: string | Uint8Array;
  readonly axes?: number;
  readonly sizes?: readonly Integer[];
  readonly type?: number;
  readonly offset?: Integer;
}

interface FileFields {
  readonly magic?: string;
  readonly version?: number;
  readonly tensors?: readonly Uint8Array[];
  readonly pairs?: readonly Uint8Array[];
  readonly tensorCount?: Integer;
  readonly pairCount?: Integer;
  readonly alignment?: number;
  readonly dataBytes?: number;
}

/** Description of a tensor; `sizes` row length first, as in the file. */
export function info(fields?: InfoFields): Uint8Array<ArrayBuffer>;
export function makeGguf(fields?: FileFields): Uint8Array<ArrayBuffer>;
/** A file with one tensor "a", F32 of two elements at the start of the data. */
export function oneTensorGguf(fields?: InfoFields, file?: FileFields): Uint8Array<ArrayBuffer>;

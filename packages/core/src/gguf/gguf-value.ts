/** Scalar types of GGUF metadata: number in the file and bytes of a value; a string has its length before it. */
export const GGUF_SCALARS = {
  uint8: { id: 0, bytes: 1 },
  int8: { id: 1, bytes: 1 },
  uint16: { id: 2, bytes: 2 },
  int16: { id: 3, bytes: 2 },
  uint32: { id: 4, bytes: 4 },
  int32: { id: 5, bytes: 4 },
  float32: { id: 6, bytes: 4 },
  bool: { id: 7, bytes: 1 },
  string: { id: 8, bytes: 8 },
  uint64: { id: 10, bytes: 8 },
  int64: { id: 11, bytes: 8 },
  float64: { id: 12, bytes: 8 },
} as const;

/** Number of the type of arrays. */
export const ARRAY_ID = 9;

export type GgufScalarType = keyof typeof GGUF_SCALARS;

/** A metadata value. 64-bit integers are numbers where they fit exactly, bigints otherwise. */
export type GgufScalar = number | bigint | boolean | string;

export interface GgufArray {
  readonly type: "array";
  readonly elementType: GgufScalarType;
  readonly length: number;
  /**
   * Decoded when first asked for: an array of a vocabulary stays bytes until somebody needs it.
   * @throws `gguf/text-utf8`, `gguf/bool-value` for elements that a file holds wrongly
   */
  readonly values: readonly GgufScalar[];
}

export type GgufValue = { readonly type: GgufScalarType; readonly value: GgufScalar } | GgufArray;

/** In file order. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** An array to be written. */
export function ggufArray(elementType: GgufScalarType, values: readonly GgufScalar[]): GgufArray {
  return { type: "array", elementType, length: values.length, values };
}

/** How the bits of one element are to be read. */
export type DtypeClass = "float" | "integer" | "boolean" | "complex";

export interface DtypeEntry {
  /** Bits of one element as stored; sub-byte dtypes pack elements without gaps, lowest bits first. */
  readonly bits: number;
  readonly class: DtypeClass;
}

/** The storage dtypes of safetensors, under their names there. The only list. */
export const DTYPES = {
  BOOL: { bits: 8, class: "boolean" },
  F4: { bits: 4, class: "float" },
  F6_E2M3: { bits: 6, class: "float" },
  F6_E3M2: { bits: 6, class: "float" },
  U8: { bits: 8, class: "integer" },
  I8: { bits: 8, class: "integer" },
  F8_E5M2: { bits: 8, class: "float" },
  F8_E4M3: { bits: 8, class: "float" },
  F8_E8M0: { bits: 8, class: "float" },
  F8_E4M3FNUZ: { bits: 8, class: "float" },
  F8_E5M2FNUZ: { bits: 8, class: "float" },
  I16: { bits: 16, class: "integer" },
  U16: { bits: 16, class: "integer" },
  F16: { bits: 16, class: "float" },
  BF16: { bits: 16, class: "float" },
  I32: { bits: 32, class: "integer" },
  U32: { bits: 32, class: "integer" },
  F32: { bits: 32, class: "float" },
  C64: { bits: 64, class: "complex" },
  F64: { bits: 64, class: "float" },
  I64: { bits: 64, class: "integer" },
  U64: { bits: 64, class: "integer" },
} as const;

export type Dtype = keyof typeof DTYPES;

/** Dtypes whose elements are real numbers that decode to f32 (F64 by rounding, half to even). */
export type FloatDtype = {
  [D in Dtype]: (typeof DTYPES)[D]["class"] extends "float" ? D : never;
}[Dtype];

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return DTYPES[dtype].class === "float";
}

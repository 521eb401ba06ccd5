/**
 * `general.file_type` of GGUF: what most tensors of a file are stored in. Numbers of llama.cpp; 4 to 6 and 33 to 35
 * are mixes and types that it removed.
 */
export const GGUF_FILE_TYPES = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  Q2_K: 10,
  Q3_K_S: 11,
  Q3_K_M: 12,
  Q3_K_L: 13,
  Q4_K_S: 14,
  Q4_K_M: 15,
  Q5_K_S: 16,
  Q5_K_M: 17,
  Q6_K: 18,
  IQ2_XXS: 19,
  IQ2_XS: 20,
  Q2_K_S: 21,
  IQ3_XS: 22,
  IQ3_XXS: 23,
  IQ1_S: 24,
  IQ4_NL: 25,
  IQ3_S: 26,
  IQ3_M: 27,
  IQ2_S: 28,
  IQ2_M: 29,
  IQ4_XS: 30,
  IQ1_M: 31,
  BF16: 32,
  TQ1_0: 36,
  TQ2_0: 37,
  MXFP4_MOE: 38,
  NVFP4: 39,
  Q1_0: 40,
  Q2_0: 41,
} as const;

export type GgufFileType = keyof typeof GGUF_FILE_TYPES;

/** Meanings that bitnet.cpp gives to numbers of ggml. */
const BITNET_FILE_TYPES: Readonly<Record<number, string>> = { 38: "TL1", 39: "TL2", 40: "I2_S" };

/** "Q4_K_M"; with both readings where bitnet.cpp uses the number too; "type 99" for numbers nobody has given. */
export function fileTypeName(id: number): string {
  const known = Object.entries(GGUF_FILE_TYPES).find(([, number]) => number === id)?.[0];
  const bitnet = BITNET_FILE_TYPES[id];
  if (known === undefined) return `type ${id}`;
  return bitnet === undefined ? known : `${known} (${bitnet} in files of bitnet.cpp)`;
}

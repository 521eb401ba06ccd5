import { BLOCK_TYPES } from "../blocks/block-table.js";
import type { BlockTypeName } from "../blocks/block-type.js";
import { DTYPES, type Dtype } from "../dtype/dtype-table.js";

/** Plain dtypes of GGUF under their names in safetensors, with their numbers in a file. */
const PLAIN_IDS = { F32: 0, F16: 1, I8: 24, I16: 25, I32: 26, I64: 27, F64: 28, BF16: 30 } as const;

export type GgufPlainType = keyof typeof PLAIN_IDS;

/** Name of a tensor's storage: a plain dtype of GGUF or a block type. */
export type GgufTypeName = GgufPlainType | BlockTypeName;

/** How a storage type takes up bytes: whole blocks of a row, and what a tensor has behind its rows. */
export interface GgufType {
  readonly name: GgufTypeName;
  readonly id: number;
  readonly weights: number;
  readonly bytes: number;
  /** Bytes behind the rows of a tensor that all rows share. */
  readonly sharedBytes: number;
}

/** Numbers that ggml gave up, and those that it uses while computing and never in files. */
export const RETIRED_TYPES: Readonly<Record<number, string>> = {
  4: "Q4_2",
  5: "Q4_3",
  31: "Q4_0_4_4",
  32: "Q4_0_4_8",
  33: "Q4_0_8_8",
  36: "IQ4_NL_4_4",
  37: "IQ4_NL_4_8",
  38: "IQ4_NL_8_8",
};
export const WORKING_TYPES: Readonly<Record<number, string>> = { 9: "Q8_1", 15: "Q8_K" };

/**
 * Numbers that forks of ggml use for types of their own: bitnet.cpp took 36 to 39, of which ggml had or has given 36 to
 * 38 to types that it removed and 39 to MXFP4; PrismML took 142 and 143.
 */
export const FORK_TYPES: Readonly<Record<number, string>> = {
  36: "I2_S of bitnet.cpp",
  37: "I8_S of bitnet.cpp",
  38: "TL1 of bitnet.cpp",
  39: "TL2 of bitnet.cpp",
  142: "PQ2_0 of PrismML",
  143: "PTQ1_0 of PrismML",
};

/** The block type whose number is not ggml's own. */
export const FORK_BLOCK_TYPE = "I2_S";

/** Undefined for a name that is no storage type of a GGUF file. */
export function ggufType(name: string): GgufType | undefined {
  if (Object.hasOwn(PLAIN_IDS, name)) {
    const plain = name as GgufPlainType;
    return { name: plain, id: PLAIN_IDS[plain], weights: 1, bytes: DTYPES[plain].bits / 8, sharedBytes: 0 };
  }
  if (!Object.hasOwn(BLOCK_TYPES, name)) return undefined;
  const { id, weights, bytes, sharedBytes = 0 } = BLOCK_TYPES[name as BlockTypeName]!;
  return { name: name as BlockTypeName, id, weights, bytes, sharedBytes };
}

/** The type that ggml itself means by a number. */
export function ggufTypeById(id: number): GgufType | undefined {
  return ggmlTypes().find((type) => type.id === id);
}

/** Every type that ggml itself writes. */
export function ggmlTypes(): readonly GgufType[] {
  const names = [...Object.keys(PLAIN_IDS), ...Object.keys(BLOCK_TYPES).filter((name) => name !== FORK_BLOCK_TYPE)];
  return names.map((name) => ggufType(name)!);
}

/** The dtype of a plain type; undefined for blocks. */
export function plainDtype(name: GgufTypeName): Dtype | undefined {
  return Object.hasOwn(PLAIN_IDS, name) ? (name as GgufPlainType) : undefined;
}

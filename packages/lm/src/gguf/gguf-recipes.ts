import { LowbitError, showValue } from "@lowbit/core/errors";
import type { GgufExportType } from "./gguf-export.js";

/** A choice of types for the tensors of a file, under llama.cpp's name. */
export interface GgufRecipe {
  readonly name: string;
  /** `general.file_type` */
  readonly fileType: number;
  /** Of most matrices. */
  readonly type: GgufExportType;
}

/** Number of a file type and its main type, as llama.cpp has them; types that lowbit only reads have no recipe. */
export const GGUF_RECIPES: readonly GgufRecipe[] = [
  { name: "F32", fileType: 0, type: "F32" },
  { name: "F16", fileType: 1, type: "F16" },
  { name: "BF16", fileType: 32, type: "BF16" },
  { name: "Q8_0", fileType: 7, type: "Q8_0" },
  { name: "Q6_K", fileType: 18, type: "Q6_K" },
  { name: "Q5_K_M", fileType: 17, type: "Q5_K" },
  { name: "Q5_K_S", fileType: 16, type: "Q5_K" },
  { name: "Q5_1", fileType: 9, type: "Q5_1" },
  { name: "Q5_0", fileType: 8, type: "Q5_0" },
  { name: "Q4_K_M", fileType: 15, type: "Q4_K" },
  { name: "Q4_K_S", fileType: 14, type: "Q4_K" },
  { name: "Q4_1", fileType: 3, type: "Q4_1" },
  { name: "Q4_0", fileType: 2, type: "Q4_0" },
  { name: "IQ4_NL", fileType: 25, type: "IQ4_NL" },
  { name: "IQ4_XS", fileType: 30, type: "IQ4_XS" },
  { name: "Q3_K_L", fileType: 13, type: "Q3_K" },
  { name: "Q3_K_M", fileType: 12, type: "Q3_K" },
  { name: "Q3_K_S", fileType: 11, type: "Q3_K" },
  { name: "Q2_K", fileType: 10, type: "Q2_K" },
  { name: "Q2_K_S", fileType: 21, type: "Q2_K" },
  { name: "TQ2_0", fileType: 37, type: "TQ2_0" },
  { name: "TQ1_0", fileType: 36, type: "TQ1_0" },
  { name: "Q2_0", fileType: 41, type: "Q2_0" },
  { name: "Q1_0", fileType: 40, type: "Q1_0" },
  { name: "MXFP4", fileType: 38, type: "MXFP4" },
  { name: "NVFP4", fileType: 39, type: "NVFP4" },
];

/** Short names of llama-quantize. */
const ALIASES: Readonly<Record<string, string>> = { Q3_K: "Q3_K_M", Q4_K: "Q4_K_M", Q5_K: "Q5_K_M" };

/** The recipe of a name, in capitals or not. @throws `model/gguf-recipe` */
export function ggufRecipe(name: string): GgufRecipe {
  const upper = name.toUpperCase();
  const found = GGUF_RECIPES.find((recipe) => recipe.name === (ALIASES[upper] ?? upper));
  if (found !== undefined) return found;
  const allowed = GGUF_RECIPES.map((recipe) => recipe.name);
  throw new LowbitError(
    "model/gguf-recipe",
    `No recipe of GGUF types is called ${showValue(name)}; allowed: ${allowed.join(", ")}.`,
    { found: name, allowed },
  );
}

/**
 * `general.file_type` of a file whose types follow from its weights: the number of the type that most matrices have.
 * @param types of the matrices
 */
export function fileTypeOf(types: Iterable<GgufExportType>): number {
  const counts = new Map<GgufExportType, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return GGUF_RECIPES.find(({ type }) => type === most?.[0])?.fileType ?? OTHER_FILE_TYPES[most?.[0] ?? "F32"] ?? 0;
}

/** File types of block types without a recipe. */
const OTHER_FILE_TYPES: Partial<Record<GgufExportType, number>> = {
  IQ2_XXS: 19,
  IQ2_XS: 20,
  IQ3_XXS: 23,
  IQ1_S: 24,
  IQ3_S: 26,
  IQ2_S: 28,
  IQ1_M: 31,
};

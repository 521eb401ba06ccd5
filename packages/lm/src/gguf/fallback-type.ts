import { blockType } from "@lowbit/core/blocks";
import type { GgufExportType } from "./gguf-export.js";

/** Types of 32 weights a block that llama-quantize takes where rows are no whole blocks of larger ones. */
const SMALLER: Partial<Record<GgufExportType, GgufExportType>> = {
  Q2_K: "Q4_0",
  Q3_K: "Q4_0",
  Q2_0: "Q4_0",
  TQ1_0: "Q4_0",
  TQ2_0: "Q4_0",
  IQ4_XS: "IQ4_NL",
  Q4_K: "Q5_0",
  Q5_K: "Q5_1",
  Q6_K: "Q8_0",
};

/** A type whose blocks fill rows of `columns` weights: `type`, its smaller relative, or F16. */
export function fallbackType(type: GgufExportType, columns: number): GgufExportType {
  return [type, SMALLER[type]].find((candidate) => candidate !== undefined && fillsRows(candidate, columns)) ?? "F16";
}

/** Whether whole blocks of a type fill rows of `columns` weights. */
export function fillsRows(type: GgufExportType, columns: number): boolean {
  return type === "F32" || type === "F16" || type === "BF16" || columns % blockType(type).weights === 0;
}

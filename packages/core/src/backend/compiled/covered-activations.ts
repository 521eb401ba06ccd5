import { readU32 } from "../../terms/index-array.js";
import type { Activations } from "../ops/multiply-ops.js";

/** The activations of the columns that a term covers, in its order; all of them without `columns`. */
export function coveredActivations(x: Activations, columns: Uint8Array | undefined): Activations {
  if (columns === undefined) return x;
  const covered = readU32(columns);
  const values = new Float32Array(x.tokens * covered.length);
  for (let token = 0; token < x.tokens; token++) {
    for (let i = 0; i < covered.length; i++) {
      values[token * covered.length + i] = x.values[token * x.columns + covered[i]!]!;
    }
  }
  return { values, tokens: x.tokens, columns: covered.length };
}

import { readU32 } from "../../terms/index-array.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";

/** The activations of the columns that a term covers, in its order; all of them without `columns`. */
export function coveredActivations(x: Activations, columns: Uint8Array | undefined): Activations {
  if (columns === undefined) return x;
  const covered = readU32(columns);
  const values = gather(x.values, x, covered, new Float32Array(x.tokens * covered.length));
  return { values, tokens: x.tokens, columns: covered.length };
}

export function coveredInt8Activations(x: Int8Activations, columns: Uint8Array | undefined): Int8Activations {
  if (columns === undefined) return x;
  const covered = readU32(columns);
  const codes = gather(x.codes, x, covered, new Int8Array(x.tokens * covered.length));
  return { codes, scale: x.scale, tokens: x.tokens, columns: covered.length };
}

function gather<A extends Float32Array | Int8Array>(
  from: A,
  { tokens, columns }: { readonly tokens: number; readonly columns: number },
  covered: Uint32Array,
  target: A,
): A {
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < covered.length; i++) {
      target[token * covered.length + i] = from[token * columns + covered[i]!]!;
    }
  }
  return target;
}

import { LowbitError } from "../errors/lowbit-error.js";
import type { Activations, Int8Activations } from "./ops/multiply-ops.js";

/** Largest |code| of int8 activations. */
const ACTIVATION_LIMIT = 127;
/** Largest digit that two bits can hold. */
export const DIGIT_LIMIT: number = 3;
const INT32_LIMIT = 2 ** 31 - 1;

/**
 * The sum of code × activation over a group must fit an int32, whatever the codes and activations are.
 * @param codeLimit largest code that the packing can hold
 * @throws `backend/group-too-long`
 */
export function checkInt8Group(kind: string, groupSize: number, codeLimit: number): void {
  const allowed = Math.floor(INT32_LIMIT / (codeLimit * ACTIVATION_LIMIT));
  if (groupSize <= allowed) return;
  throw new LowbitError(
    "backend/group-too-long",
    `a ${kind} term shares one scale between ${groupSize} weights; with int8 activations at most ${allowed} sum exactly`,
    { kind, found: groupSize, allowed },
  );
}

/** `code · scale` of its token, rounded to f32. */
export function dequantizedActivations({ codes, scale, tokens, columns }: Int8Activations): Activations {
  const values = Float32Array.from(codes, (code, at) => code * scale[Math.floor(at / columns)]!);
  return { values, tokens, columns };
}

import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import { hadamardScale } from "../../linalg/hadamard.js";

/** A Hadamard matrix of few rows that turns the spans of a larger vector into one another. */
export interface CrossingCore {
  /** Packed signs [order, ceil(order/8)]; 1 is +1. */
  readonly core: Uint8Array;
  readonly order: number;
  /** Elements that are mixed: order spans of size / order. */
  readonly size: number;
  /** Multiply with the transpose: the inverse. */
  readonly isTransposed: boolean;
}

/**
 * Span i of every vector of `size` becomes Σ_k core[k, i] · span k, k ascending in f32, then times f32(1/√order): additions
 * in one order, so that every backend gets the same bits.
 */
export function crossWithCore(values: Float32Array, { core, order, size, isTransposed }: CrossingCore): void {
  const span = size / order;
  const scale = hadamardScale(order);
  const positive = unpackSigns(core, order);
  const before = new Float32Array(size);
  for (let begin = 0; begin < values.length; begin += size) {
    before.set(values.subarray(begin, begin + size));
    for (let i = 0; i < order; i++) {
      const target = values.subarray(begin + i * span, begin + (i + 1) * span);
      target.fill(0);
      for (let k = 0; k < order; k++) {
        const isPositive = positive[isTransposed ? i * order + k : k * order + i];
        addSpan(target, before, k * span, isPositive === 1 ? 1 : -1);
      }
      for (let l = 0; l < span; l++) target[l]! *= scale;
    }
  }
}

function addSpan(target: Float32Array, source: Float32Array, begin: number, sign: number): void {
  for (let l = 0; l < target.length; l++) target[l]! += sign * source[begin + l]!;
}

/** @throws `terms/invalid-array` unless every two rows differ in exactly half of their signs */
export function checkOrthogonal(core: Uint8Array, order: number): void {
  const positive = unpackSigns(core, order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < i; j++) {
      let equal = 0;
      for (let k = 0; k < order; k++) equal += positive[i * order + k] === positive[j * order + k] ? 1 : 0;
      if (2 * equal === order) continue;
      throw new LowbitError(
        "terms/invalid-array",
        `Array "core" of a hadamard transform has rows ${j} and ${i} with ${equal} equal signs of ${order}; half of them must be equal.`,
        { kind: "hadamard", array: "core", rows: [j, i], found: equal, allowed: order / 2 },
      );
    }
  }
}

function unpackSigns(core: Uint8Array, order: number): Uint8Array {
  const rowBytes = packedByteLength(order, 1);
  const signs = new Uint8Array(order * order);
  for (let row = 0; row < order; row++) {
    unpackCodes(core.subarray(row * rowBytes, (row + 1) * rowBytes), 1, order, signs.subarray(row * order));
  }
  return signs;
}

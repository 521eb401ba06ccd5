import type { Activations, Int8Activations } from "@lowbit/core/backend";
import { expect } from "vitest";
import { expectSameFloats } from "./expectations.js";
import { type RandomData, unaligned } from "./random-data.js";
import { F32_PRODUCT_RELATIVE } from "./tolerances.js";

/** Backends treat few, several and many tokens in different ways. */
export const TOKEN_COUNTS: readonly number[] = [0, 1, 3, 17, 37];

/** One of them for every case of a list. */
export function tokenCount(index: number): number {
  return TOKEN_COUNTS[index % TOKEN_COUNTS.length]!;
}

/** A few rows, and more than the widest panel has where there are many tokens and it does not take long. */
export function rowCount(index: number, tokens: number, columns: number): number {
  return (index % 7) + (tokens > 17 && columns < 1200 ? 34 : 1);
}

/** Some tokens are tiny, some have one value that dwarfs the others, some are zeros. */
export function randomActivations(tokens: number, columns: number, random: RandomData): Activations {
  const values = Float32Array.from({ length: tokens * columns }, () => random.normal());
  for (let token = 0; token < tokens; token++) {
    const own = values.subarray(token * columns, (token + 1) * columns);
    const kind = random.integer(0, 7);
    if (kind === 0) own.fill(0);
    else if (kind === 1) own.set(own.map((value) => value * 1e-37));
    else if (kind < 4) own[random.integer(0, columns - 1)] = 5000;
  }
  return { values: unaligned(values, 4), tokens, columns };
}

/** All 255 codes occur, the extremes often. */
export function randomInt8Activations(tokens: number, columns: number, random: RandomData): Int8Activations {
  const codes = new Int8Array(tokens * columns + 1).subarray(1);
  for (let i = 0; i < codes.length; i++) {
    codes[i] = random.integer(0, 3) === 0 ? (random.integer(0, 1) === 0 ? 127 : -127) : random.integer(-127, 127);
  }
  const scale = Float32Array.from({ length: tokens }, () => 0.001 + random.uniform());
  return { codes, scale, tokens, columns };
}

type Multiply<X> = (x: X, y: Float32Array) => void;

/** Equal bits: sums are exact integers and the float steps have an order. */
export function expectSameProduct(
  rows: number,
  x: Int8Activations,
  actual: Multiply<Int8Activations>,
  wanted: Multiply<Int8Activations>,
): void {
  const actualY = startingOutput(x.tokens * rows);
  const wantedY = startingOutput(x.tokens * rows);
  actual(x, actualY);
  wanted(x, wantedY);
  expectSameFloats(actualY, wantedY);
}

/** Within F32_PRODUCT_RELATIVE of Σ peak·|x|. */
export function expectCloseProduct(
  rows: number,
  peak: number,
  x: Activations,
  actual: (y: Float32Array) => void,
  wanted: (y: Float32Array) => void,
): void {
  const actualY = startingOutput(x.tokens * rows);
  const wantedY = startingOutput(x.tokens * rows);
  actual(actualY);
  wanted(wantedY);
  for (let token = 0; token < x.tokens; token++) {
    const magnitude = x.values
      .subarray(token * x.columns, (token + 1) * x.columns)
      .reduce((sum, value) => sum + peak * Math.abs(value), 1);
    for (let row = 0; row < rows; row++) {
      const at = token * rows + row;
      const difference = Math.abs(actualY[at]! - wantedY[at]!);
      if (!(difference <= F32_PRODUCT_RELATIVE * magnitude)) {
        expect({ token, row, value: actualY[at], difference }).toEqual({
          token,
          row,
          value: wantedY[at],
          difference: 0,
        });
      }
    }
  }
}

/** Products add to what is there. */
function startingOutput(length: number): Float32Array {
  return unaligned(
    Float32Array.from({ length }, (_, i) => (i % 5) - 2),
    4,
  );
}

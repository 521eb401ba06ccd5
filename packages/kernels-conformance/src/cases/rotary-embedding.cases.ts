import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { RandomData } from "../random-data.js";
import { LAYER_RELATIVE } from "../tolerances.js";

const POSITIONS = 40;

const SHAPES: readonly (readonly [tokens: number, heads: number, headSize: number, rotarySize: number])[] = [
  [0, 2, 8, 8],
  [1, 1, 2, 2],
  [3, 2, 8, 8],
  [5, 3, 20, 10],
  [2, 3, 64, 64],
  [7, 1, 66, 66],
  [3, 2, 80, 32],
  [33, 4, 128, 128],
  [2, 2, 6, 0],
];

export function rotaryEmbeddingCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SHAPES)("turns %i tokens of %i heads of %i features, %i of them", (tokens, heads, headSize, rotarySize) => {
    const random = new RandomData(121);
    const tables = rotaryTables(headSize, rotarySize);
    const positions = Uint32Array.from({ length: tokens }, () => random.integer(0, POSITIONS - 1));
    const columns = heads * headSize;
    const start = random.activations(tokens * columns);
    const [actual, wanted] = [random.activations(start.length), start.slice()];
    actual.set(start);
    for (const inverse of [false, true]) {
      subject().rotaryEmbedding({ values: actual, rows: tokens, columns }, tables, positions, inverse);
      oracle.rotaryEmbedding({ values: wanted, rows: tokens, columns }, tables, positions, inverse);
      expectCloseFloats(actual, wanted, LAYER_RELATIVE);
    }
    expectCloseFloats(actual, start, LAYER_RELATIVE, 4);
  });

  it("turns the first half of the features towards the second", () => {
    const quarter = {
      cosines: Float32Array.of(0, 0),
      sines: Float32Array.of(1, 1),
      positions: 1,
      headSize: 4,
      rotarySize: 4,
    };
    const values = Float32Array.of(1, 2, 3, 4);
    subject().rotaryEmbedding({ values, rows: 1, columns: 4 }, quarter, Uint32Array.of(0), false);
    expect([...values]).toEqual([-3, -4, 1, 2]);
  });
}

function rotaryTables(headSize: number, rotarySize: number) {
  const half = rotarySize / 2;
  const angle = (i: number) => Math.floor(i / half) * 10_000 ** (-(i % half) / half);
  return {
    cosines: Float32Array.from({ length: POSITIONS * half }, (_, i) => Math.cos(angle(i))),
    sines: Float32Array.from({ length: POSITIONS * half }, (_, i) => Math.sin(angle(i))),
    positions: POSITIONS,
    headSize,
    rotarySize,
  };
}

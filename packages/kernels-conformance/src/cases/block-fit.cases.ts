import type { FittedBlockType, KernelBackend } from "@lowbit/core/backend";
import { blockType } from "@lowbit/core/blocks";
import { describe, expect, it } from "vitest";
import { expectSameBytes } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";

const TYPES: readonly FittedBlockType[] = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"];

/** Rows and blocks a row, around what kernels take at once: two super-blocks of 32s, sixteen blocks of IQ4_NL. */
const SHAPES: Readonly<Record<"super" | "small", readonly (readonly [rows: number, perRow: number])[]>> = {
  super: [
    [0, 1],
    [3, 1],
  ],
  small: [
    [0, 2],
    [1, 17],
  ],
};

/** Weights by name; every one is finite. */
const DATA: Readonly<Record<string, (random: RandomData, length: number) => Float32Array>> = {
  "weights of a model": (random, length) => random.weights(length),
  "zeros of both signs, subnormals and large values": (random, length) => random.oddWeights(length),
  "subnormals alone": (random, length) => random.subnormalWeights(length),
  "few values": (random, length) => Float32Array.from({ length }, () => random.integer(-16, 16) / 2),
  "weights above 0": (random, length) => random.weights(length).map(Math.abs),
  "runs of one value": (random, length) => {
    const values = Float32Array.from({ length: length / 32 }, () => random.integer(-2, 2) / 4);
    return Float32Array.from({ length }, (_, i) => values[i >> 5]!);
  },
};

/** Importances by name. */
const IMPORTANCES: Readonly<Record<string, (random: RandomData, columns: number) => Float32Array | undefined>> = {
  "all weights alike": () => undefined,
  importances: (random, columns) => Float32Array.from({ length: columns }, () => Math.exp(2 * random.normal())),
  "importances, many of them 0": (random, columns) =>
    Float32Array.from({ length: columns }, (_, i) => ((i >> 5) % 2 === 0 ? 0 : random.uniform())),
};

export function blockFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (name: FittedBlockType, data: string, counted: string) => {
    const { weights: size, bytes, id } = blockType(name);
    const random = new RandomData(id + 500);
    for (const [rows, perRow] of SHAPES[size === 256 ? "super" : "small"]) {
      const columns = perRow * size;
      const values = unaligned(DATA[data]!(random, rows * columns), 4);
      const importance = IMPORTANCES[counted]!(random, columns);
      const block = { values, rows, columns };
      const actual = unaligned(new Uint8Array(rows * perRow * bytes).fill(0xcc), 3);
      const wanted = new Uint8Array(actual.length).fill(0x33);
      subject().blockFit(block, name, actual, importance && unaligned(importance, 4));
      oracle.blockFit(block, name, wanted, importance);
      expectSameBytes(actual, wanted);
    }
  };

  describe.each(TYPES)("%s", (name) => {
    it.each(Object.keys(DATA))("fits %s", (data) => compare(name, data, "importances"));
    it.each(Object.keys(IMPORTANCES))("fits %s", (counted) => compare(name, "weights of a model", counted));
  });

  it("refuses types that have no search", () => {
    const block = { values: new Float32Array(32), rows: 1, columns: 32 };
    const other = "Q8_0" as FittedBlockType;
    expect(() => subject().blockFit(block, other, new Uint8Array(34))).toThrow(
      expect.objectContaining({ code: "backend/unsupported-layout" }),
    );
  });
}

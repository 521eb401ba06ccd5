import { allocateErrorStatistics, type KernelBackend } from "@lowbit/core/backend";
import type { TermLayout } from "@lowbit/core/terms";
import { allocateTerm, termArray, termArrays } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { RandomData } from "../random-data.js";

const SHAPES = [
  { rows: 1, columns: 1 },
  { rows: 37, columns: 5 },
  { rows: 3, columns: 512 },
  { rows: 9, columns: 1000 },
  { rows: 2, columns: 4099 },
  { rows: 0, columns: 8 },
];

export function decodedErrorsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layouts: readonly TermLayout[], random: RandomData, codes = 256) => {
    const { rows, columns } = layouts[0]!;
    const terms = layouts.map((layout) => {
      const term = allocateTerm(layout);
      for (const { name, dtype } of termArrays(layout)) {
        const array = termArray(term, name);
        array.set(
          dtype === "F16" || dtype === "BF16" || dtype === "F32"
            ? scaleBytes(array.length, dtype)
            : random.bytes(array.length).map((byte) => byte % codes),
        );
      }
      return term;
    });
    const values = random.weights(rows * columns);
    const run = (backend: KernelBackend) => {
      const errors = allocateErrorStatistics(rows);
      const scratch = new Float32Array(rows * columns).fill(3);
      backend.decodedErrors({ values, rows, columns }, terms, scratch, errors);
      return errors;
    };
    expectSameFigures(run(subject()), run(oracle));
  };
  const shared = (columns: number) => ({
    granularity: "group" as const,
    groupSize: Math.min(columns, 24),
    scaleDtype: "F16" as const,
  });
  const sign = (shape: { rows: number; columns: number }): TermLayout => ({
    kind: "sign",
    ...shape,
    ...shared(shape.columns),
    zones: 1,
    hasMean: true,
    hasColumnScale: false,
  });

  it.each(SHAPES)("decodes one term and takes its errors, $rows × $columns", (shape) => {
    const random = new RandomData(71);
    const group = shared(shape.columns);
    for (const bits of [2, 3, 4, 8]) compare([{ kind: "affine", ...shape, ...group, bits, zero: "integer" }], random);
    compare([{ kind: "affine", ...shape, ...group, bits: 4, zero: "minimum" }], random);
    compare([sign(shape)], random);
    for (const packing of ["two-bit", "base-3"] as const)
      compare([{ kind: "ternary", ...shape, ...group, packing }], random, 3 ** 5);
    compare([{ kind: "codebook", ...shape, ...group, bits: 4, codebook: "test" }], random);
  });

  it.each(SHAPES)("decodes several terms and takes their errors, $rows × $columns", (shape) => {
    compare([sign(shape), sign(shape)], new RandomData(72));
  });
}

/** Scales of moderate size: 1, 1 ½, 2 … by turns. */
function scaleBytes(byteLength: number, dtype: "F16" | "BF16" | "F32"): Uint8Array {
  if (dtype === "F32")
    return new Uint8Array(Float32Array.from({ length: byteLength / 4 }, (_, i) => ((i % 31) - 15) / 16).buffer);
  const halves = Uint16Array.from({ length: byteLength / 2 }, (_, i) => (dtype === "F16" ? 0x2000 : 0x3c00) + (i % 97));
  return new Uint8Array(halves.buffer);
}

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type TransformLayout, transformArrays } from "../../terms/input-transform.js";
import type { TermLayout } from "../../terms/term.js";
import { termArrays } from "../../terms/term-arrays.js";
import { LOWBIT_FORMAT_VERSION } from "./lowbit-weight.js";
import { MAX_WEIGHTS_PER_BYTE } from "./read-lowbit-schema.js";

const text = readFileSync(new URL("../../../../../docs/formats/lowbit.md", import.meta.url), "utf8");
const matrix = { rows: 4, columns: 40 } as const;
const sharing = { granularity: "group", groupSize: 16, scaleDtype: "F16" } as const;

/** Every kind with all of its arrays. */
const LAYOUTS: TermLayout[] = [
  { kind: "affine", ...matrix, ...sharing, bits: 3, zero: "midpoint" },
  { kind: "affine", ...matrix, ...sharing, bits: 3, zero: "integer" },
  { kind: "affine", ...matrix, ...sharing, bits: 3, zero: "float" },
  { kind: "affine", ...matrix, ...sharing, bits: 3, zero: "minimum" },
  {
    kind: "bilevel",
    ...matrix,
    bits: 3,
    groupSize: 16,
    scaleBits: 3,
    zeroBits: 3,
    rowsPerBlock: 16,
    scaleDtype: "F16",
  },
  { kind: "sign", ...matrix, ...sharing, coveredColumns: 30, zones: 3, hasMean: true, hasColumnScale: true },
  {
    kind: "sign",
    ...matrix,
    ...sharing,
    zones: 2,
    hasPruned: true,
    isZeroOne: true,
    hasMean: false,
    hasColumnScale: false,
  },
  { kind: "ternary", ...matrix, ...sharing, packing: "base-3" },
  { kind: "codebook", ...matrix, ...sharing, bits: 4, codebook: "nf4" },
  { kind: "sparse", ...matrix, count: 9, indexDtype: "U16", valueDtype: "F16" },
  { kind: "masked", ...matrix, count: 9, bits: 8, positions: "bitmap", scaleDtype: "F16" },
  { kind: "masked", ...matrix, count: 9, bits: 8, positions: "indices", scaleDtype: "F16" },
  { kind: "dense", ...matrix, coveredColumns: 30, valueDtype: "F16" },
];
const TRANSFORMS: TransformLayout[] = [
  { kind: "permutation", columns: 40 },
  { kind: "channel-scale", columns: 40, scaleDtype: "F16" },
  { kind: "hadamard", columns: 40, size: 8 },
  { kind: "hadamard", columns: 40, size: 40, order: 20 },
];

/** The text from the heading of a term kind to the next heading. */
function section(kind: string): string {
  const begin = text.search(new RegExp(`^### 4\\.\\d ${kind}$`, "m"));
  expect(begin, `a section "${kind}"`).toBeGreaterThan(0);
  return text.slice(begin, text.indexOf("\n##", begin + 1));
}

describe("docs/formats/lowbit.md", () => {
  it.each(LAYOUTS)("has a row for every array and names every field of $kind", (layout) => {
    const words = section(layout.kind);
    for (const { name, dtype } of termArrays(layout)) {
      const stored = dtype === "F16" ? "S" : dtype === "U16" && "indexDtype" in layout ? "`indexDtype`" : dtype;
      expect(words).toContain(`| \`${name}\` | ${stored} |`);
    }
    for (const field of Object.keys(layout)) {
      if (!["kind", "rows", "columns"].includes(field)) expect(words).toContain(`\`${field}\``);
    }
  });

  it.each(TRANSFORMS)("has a row for $kind with its arrays and fields", (layout) => {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${layout.kind}\` |`));
    for (const { name } of transformArrays(layout)) expect(row).toContain(`\`${name}\``);
    for (const field of Object.keys(layout)) {
      if (!["kind", "columns"].includes(field)) expect(row).toContain(`\`${field}\``);
    }
  });

  it("states the version and the limit of the reader", () => {
    expect(text).toContain(`# The lowbit file format, version ${LOWBIT_FORMAT_VERSION}`);
    expect(text).toContain(`at most ${MAX_WEIGHTS_PER_BYTE} weights for each stored byte`);
  });
});

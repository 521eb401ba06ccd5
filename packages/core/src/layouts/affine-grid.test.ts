import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { tritByteLength, unpackTrits } from "../bitpack/pack-trits.js";
import type { AffineLayout } from "../terms/affine.js";
import { arbitraryTerm } from "../terms/arbitrary-term.fixture.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import type { TernaryLayout } from "../terms/ternary.js";
import { type AffineGrid, affineGrid } from "./affine-grid.js";
import { gridCodes, gridScales } from "./grid-codes.js";

const backend = createReferenceBackend();

function decoded(term: Term): Float32Array {
  const values = new Float32Array(term.layout.rows * term.layout.columns);
  decodeTerms([term], values, backend);
  return values;
}

function valuesOf({ rows, columns, groupSize, levels, scale }: AffineGrid): Float32Array {
  const groups = Math.ceil(columns / groupSize);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    // −0 adds as 0.
    return Math.fround(scale[row * groups + Math.floor(column / groupSize)]! * levels[i]!) + 0;
  });
}

function affineTerm(
  layout: Partial<AffineLayout>,
  codes: number[],
  scale: number[],
  more: Record<string, number[]> = {},
) {
  const term = allocateTerm<AffineLayout>({
    kind: "affine",
    rows: 1,
    columns: codes.length,
    bits: 8,
    granularity: "row",
    groupSize: codes.length,
    zero: "midpoint",
    scaleDtype: "F32",
    ...layout,
  });
  term.arrays.codes.set(codes);
  writeScales(scale, term.layout.scaleDtype, term.arrays.scale);
  for (const [name, values] of Object.entries(more)) {
    writeScales(values, term.layout.scaleDtype, term.arrays[name as "minimum"]!);
  }
  return term as unknown as Term;
}

/** Whether every digit is 0, 1 or 2. */
function isTernary({ layout, arrays }: Term<TernaryLayout>): boolean {
  const digits = new Uint8Array(layout.columns);
  const rowBytes = tritByteLength(layout.columns, layout.packing);
  return Array.from({ length: layout.rows }, (_, row) => arrays.digits.subarray(row * rowBytes)).every((row) => {
    unpackTrits(row, layout.packing, digits);
    return digits.every((digit) => digit < 3);
  });
}

describe("affineGrid", () => {
  it("gives the weights of any term that it takes, to the bit", () => {
    const taken = new Set<string>();
    fc.assert(
      fc.property(arbitraryTerm, (term) => {
        // Digits are 0 to 2 in every file that is written.
        fc.pre(term.layout.kind !== "ternary" || isTernary(term as unknown as Term<TernaryLayout>));
        const grid = affineGrid([term]);
        if ("reason" in grid) return;
        const expected = decoded(term);
        fc.pre(expected.every((value) => Number.isFinite(value)));
        taken.add(term.layout.kind);
        expect(valuesOf(grid)).toEqual(expected);
        const codes = gridCodes(grid, 8);
        if ("reason" in codes) return;
        const groups = Math.ceil(grid.columns / grid.groupSize);
        codes.codes.forEach((code, i) => {
          const at = Math.floor(i / grid.columns) * groups + Math.floor((i % grid.columns) / grid.groupSize);
          expect(code - codes.zero[at]!).toBe(grid.levels[i]);
        });
      }),
      { numRuns: 600 },
    );
    expect([...taken].toSorted()).toEqual(["affine", "bilevel", "sign", "ternary"]);
  });

  it("takes float zero points that are whole numbers", () => {
    const layout = { zero: "float" } as const;
    expect(affineGrid([affineTerm(layout, [0, 3, 9], [0.5], { zeroPoint: [3] })])).toMatchObject({
      levels: Int16Array.of(-3, 0, 6),
    });
    expect(affineGrid([affineTerm(layout, [0, 3, 9], [0.5], { zeroPoint: [3.5] })])).toEqual({
      reason: "a zero point of 3.5, where it stores whole numbers",
    });
  });

  it("takes minimums that are multiples of the scale", () => {
    const layout = { zero: "minimum" } as const;
    expect(affineGrid([affineTerm(layout, [0, 3, 9], [0.5], { minimum: [-1.5] })])).toMatchObject({
      levels: Int16Array.of(-3, 0, 6),
    });
    expect(affineGrid([affineTerm(layout, [0, 3, 9], [0.5], { minimum: [-1.25] })])).toMatchObject({
      reason: expect.stringContaining("minimums"),
    });
  });

  it("takes a group of equal weights, whose step is 0, as one level", () => {
    const term = affineTerm({ zero: "minimum" }, [0, 0, 0], [0], { minimum: [0.3] });
    expect(affineGrid([term])).toMatchObject({ levels: Int16Array.of(1, 1, 1), scale: Float32Array.of(0.3) });
  });

  it("refuses two terms and kinds that lie on no grid", () => {
    const term = affineTerm({}, [1], [1]);
    expect(affineGrid([term, term])).toEqual({ reason: "2 terms, where it stores one" });
    const dense = allocateTerm({ kind: "dense", rows: 1, columns: 1, valueDtype: "F32" });
    expect(affineGrid([dense as unknown as Term])).toMatchObject({ reason: expect.stringContaining("dense") });
  });
});

describe("gridCodes", () => {
  const grid = affineGrid([affineTerm({}, [125, 128, 132], [0.1])]) as AffineGrid;

  it("moves zeros only where it must", () => {
    expect(gridCodes(grid, 8)).toEqual({ codes: Uint8Array.of(125, 128, 132), zero: Uint8Array.of(128) });
    expect(gridCodes(grid, 4)).toEqual({ codes: Uint8Array.of(8, 11, 15), zero: Uint8Array.of(11) });
    expect(gridCodes(grid, 4, { smallest: 8, largest: 8 })).toEqual({
      codes: Uint8Array.of(5, 8, 12),
      zero: Uint8Array.of(8),
    });
  });

  it("says what it cannot hold", () => {
    expect(gridCodes(grid, 3, { smallest: 4, largest: 4 })).toEqual({
      reason: "levels from -3 to 4, where it stores -4 to 3",
    });
    expect(gridCodes(grid, 2)).toMatchObject({ reason: expect.stringContaining("levels from -3 to 4") });
  });
});

describe("gridScales", () => {
  it("says whether scales were rounded, and refuses infinite ones", () => {
    const scales = (value: number) => gridScales(affineGrid([affineTerm({}, [1], [value])]) as AffineGrid, "F16");
    expect(scales(0.5)).toMatchObject({ isExact: true });
    expect(scales(0.1)).toMatchObject({ isExact: false });
    expect(scales(1e6)).toEqual({ reason: "a scale of 1000000, where it stores F16" });
  });
});

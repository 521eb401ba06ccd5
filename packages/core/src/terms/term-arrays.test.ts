import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { arbitraryLayout, arbitraryTerm } from "./arbitrary-term.fixture.js";
import { storedBitsPerWeight } from "./bits-per-weight.js";
import { checkTerm } from "./check-term.js";
import { decodeTerms } from "./decode-terms.js";
import type { TermLayout } from "./term.js";
import {
  allocateTerm,
  arrayByteLength,
  layoutRows,
  placedByteLength,
  placeTerm,
  termArray,
  termArrays,
  termByteLength,
  termRows,
} from "./term-arrays.js";
import { termKind } from "./term-kinds.js";

const backend = createReferenceBackend();
const affine: TermLayout = {
  kind: "affine",
  rows: 3,
  columns: 172,
  bits: 3,
  granularity: "group",
  groupSize: 64,
  zero: "integer",
  scaleDtype: "F16",
};

describe("termArrays", () => {
  it("states dtype and shape of every array, short last groups included", () => {
    expect(termArrays(affine)).toEqual([
      { name: "codes", dtype: "U8", shape: [3, 65], perRow: true },
      { name: "scale", dtype: "F16", shape: [3, 3], perRow: true },
      { name: "zeroPoint", dtype: "U8", shape: [3, 2], perRow: true },
    ]);
    expect(termByteLength(affine)).toBe(3 * (65 + 6 + 2));
    expect(storedBitsPerWeight({ rows: 3, columns: 172 }, [affine])).toBe((219 * 8) / (3 * 172));
  });

  it("keeps one row of scales for the whole tensor", () => {
    const layout: TermLayout = { ...affine, granularity: "tensor", groupSize: 172, zero: "minimum" };
    expect(termArrays(layout).slice(1)).toEqual([
      { name: "scale", dtype: "F16", shape: [1, 1], perRow: false },
      { name: "minimum", dtype: "F16", shape: [1, 1], perRow: false },
    ]);
  });

  it("lists the optional arrays of a sign term", () => {
    const layout: TermLayout = {
      kind: "sign",
      rows: 2,
      columns: 20,
      coveredColumns: 9,
      granularity: "group",
      groupSize: 16,
      zones: 3,
      hasMean: true,
      hasColumnScale: true,
      scaleDtype: "BF16",
    };
    expect(termArrays(layout)).toEqual([
      { name: "signs", dtype: "U8", shape: [2, 2], perRow: true },
      { name: "scale", dtype: "BF16", shape: [2, 2, 3], perRow: true },
      { name: "mean", dtype: "BF16", shape: [2, 2, 3], perRow: true },
      { name: "columnScale", dtype: "BF16", shape: [9], perRow: false },
      { name: "zoneMap", dtype: "U8", shape: [2, 3], perRow: true },
      { name: "columns", dtype: "U32", shape: [9], perRow: false },
    ]);
  });

  it("gives every layout that its kind accepts an allocation of exactly these sizes", () => {
    fc.assert(
      fc.property(arbitraryLayout, (layout) => {
        termKind(layout).validate(layout);
        const term = allocateTerm(layout);
        const specs = termArrays(layout);
        expect(Object.keys(term.arrays)).toEqual(specs.map((spec) => spec.name));
        let sum = 0;
        for (const spec of specs) {
          expect(termArray(term, spec.name).byteLength).toBe(arrayByteLength(spec));
          expect(termArray(term, spec.name).byteOffset % 64).toBe(0);
          sum += arrayByteLength(spec);
        }
        expect(termByteLength(layout)).toBe(sum);
      }),
    );
  });

  it("places arrays one after another in memory of others", () => {
    const memory = new Uint8Array(placedByteLength(affine) + 64).subarray(64);
    const term = placeTerm(affine, memory);
    term.arrays.scale[0] = 7;
    expect(memory[Math.ceil((3 * 65) / 64) * 64]).toBe(7);
  });
});

describe("termRows", () => {
  it("decodes to the rows of the whole", () => {
    fc.assert(
      fc.property(arbitraryTerm, fc.nat(), fc.nat(), (term, a, b) => {
        const { rows, columns } = term.layout;
        const [begin, end] = [a % (rows + 1), b % (rows + 1)].sort((x, y) => x - y) as [number, number];
        const whole = new Float32Array(rows * columns);
        decodeTerms([term], whole, backend);
        const part = termRows(term, begin, end);
        checkTerm(part);
        const decoded = new Float32Array((end - begin) * columns);
        decodeTerms([part], decoded, backend);
        expect(decoded).toEqual(whole.subarray(begin * columns, end * columns));
      }),
    );
  });

  it("gives views, so that rows are written in place, and shares what all rows share", () => {
    const layout: TermLayout = { ...affine, granularity: "tensor", groupSize: 172, zero: "midpoint" };
    const term = allocateTerm(layout);
    const part = termRows(term, 1, 2);
    termArray(part, "codes")[0] = 5;
    expect(termArray(term, "codes")[65]).toBe(5);
    expect(termArray(part, "scale")).toBe(termArray(term, "scale"));
    expect(part.layout).toEqual(layoutRows(layout, 1));
  });

  it("refuses rows that the term does not have", () => {
    const term = allocateTerm(affine);
    for (const [begin, end] of [
      [-1, 1],
      [2, 1],
      [0, 4],
      [0.5, 1],
    ] as const) {
      expect(() => termRows(term, begin, end)).toThrow(expect.objectContaining({ code: "terms/rows-outside" }));
    }
  });

  it.each<TermLayout>([
    { kind: "sparse", rows: 4, columns: 8, count: 5, indexDtype: "U16", valueDtype: "F16" },
    { kind: "masked", rows: 4, columns: 8, count: 5, bits: 3, positions: "bitmap", scaleDtype: "F16" },
  ])("does not guess the size of a $kind term of other rows", (layout) => {
    expect(layoutRows(layout, 4)).toEqual(layout);
    expect(() => layoutRows(layout, 2)).toThrow(expect.objectContaining({ code: "terms/rows-unknown" }));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packCodes } from "../bitpack/pack-codes.js";
import type { AffineLayout } from "./affine.js";
import { arbitraryTerm, randomTerm } from "./arbitrary-term.fixture.js";
import type { BilevelLayout } from "./bilevel.js";
import { writeU32 } from "./index-array.js";
import { writeScales } from "./scale-array.js";
import { scaleGrids } from "./scale-grids.js";
import type { SignLayout } from "./sign.js";
import type { Term, TermLayout } from "./term.js";
import { allocateTerm, termArray, termRows } from "./term-arrays.js";

function filled<L extends TermLayout>(layout: L, arrays: Record<string, ArrayLike<number>>): Term {
  const term = allocateTerm(layout) as unknown as Term;
  for (const [name, values] of Object.entries(arrays)) {
    const target = termArray(term, name);
    if (values instanceof Uint8Array) target.set(values);
    else writeScales(values, "F32", target);
  }
  return term;
}

const packedRow = (codes: readonly number[], bits: number): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil((codes.length * bits) / 8));
  packCodes(Uint8Array.from(codes), bits, bytes);
  return bytes;
};

const affine: AffineLayout = {
  kind: "affine",
  rows: 2,
  columns: 5,
  bits: 3,
  granularity: "group",
  groupSize: 2,
  zero: "midpoint",
  scaleDtype: "F32",
};
const SCALES = [1, 2, 3, 4, 5, 6];
const ZEROS = [0.5, -1, 2, -3, 4, 7];

describe("scaleGrids", () => {
  it("has the scales of groups, and zero points or minimums where there are any", () => {
    const read = (layout: AffineLayout, zeros: Record<string, ArrayLike<number>>) => {
      const [grid] = scaleGrids(layout);
      return { zero: grid!.zero, ...grid!.read(filled(layout, { scale: SCALES, ...zeros })) };
    };
    const scales = Float32Array.from(SCALES);
    const zeros = Float32Array.from(ZEROS);
    expect(scaleGrids(affine)[0]).toMatchObject({ part: "", isShared: false, groups: 3, groupSize: 2 });
    expect(read(affine, {})).toEqual({ zero: undefined, scales });
    expect(read({ ...affine, zero: "minimum" }, { minimum: ZEROS })).toEqual({ zero: "minimum", scales, zeros });
    expect(read({ ...affine, zero: "float" }, { zeroPoint: ZEROS })).toEqual({ zero: "zero point", scales, zeros });
    const packed = Uint8Array.of(...packedRow([7, 0, 5], 3), ...packedRow([1, 2, 3], 3));
    expect(read({ ...affine, zero: "integer" }, { zeroPoint: packed })).toEqual({
      zero: "zero point",
      scales,
      zeros: Float32Array.of(7, 0, 5, 1, 2, 3),
    });
  });

  it("has the scales that codes of the second level stand for", () => {
    const layout: BilevelLayout = {
      kind: "bilevel",
      rows: 2,
      columns: 4,
      bits: 2,
      groupSize: 2,
      scaleBits: 4,
      zeroBits: 4,
      rowsPerBlock: 2,
      scaleDtype: "F32",
    };
    const term = filled(layout, {
      scaleCodes: Uint8Array.of(0x21, 0x43),
      zeroCodes: Uint8Array.of(0x65, 0x87),
      scaleScale: [0.5, 0.25],
      scaleMinimum: [1, 2],
      zeroScale: [1, 2],
      zeroMinimum: [0, -1],
    });
    const [grid] = scaleGrids(layout);
    expect(grid).toMatchObject({ groups: 2, groupSize: 2, zero: "zero point" });
    expect(grid!.read(term)).toEqual({
      scales: Float32Array.of(1.5, 2.5, 2.5, 3),
      zeros: Float32Array.of(5, 11, 7, 15),
    });
  });

  it("has one grid a zone of signs, and the column scales of the columns that are covered", () => {
    const layout: SignLayout = {
      kind: "sign",
      rows: 1,
      columns: 6,
      coveredColumns: 2,
      granularity: "group",
      groupSize: 3,
      zones: 3,
      hasMean: true,
      hasColumnScale: true,
      scaleDtype: "F32",
    };
    const columns = new Uint8Array(8);
    writeU32([1, 4], columns);
    const term = filled(layout, { scale: SCALES, mean: ZEROS, columnScale: [0.25, 8], columns });
    const grids = scaleGrids(layout);
    expect(grids.map(({ part, zero }) => [part, zero])).toEqual([
      ["zone 1 of 3", "mean"],
      ["zone 2 of 3", "mean"],
      ["zone 3 of 3", "mean"],
      ["columns", undefined],
    ]);
    expect(grids[1]!.read(term)).toEqual({ scales: Float32Array.of(2, 5), zeros: Float32Array.of(-1, 4) });
    const none = Number.NaN;
    expect(grids[3]!.read(term)).toEqual({ scales: Float32Array.of(none, 0.25, none, none, 8, none) });
  });

  it("has row scales of masked terms and none of sparse and dense ones", () => {
    const base = { rows: 2, columns: 4 };
    const masked = { kind: "masked", ...base, count: 0, bits: 2, positions: "bitmap", scaleDtype: "F32" } as const;
    const [grid] = scaleGrids(masked);
    expect(grid).toMatchObject({ groups: 1, groupSize: 4, zero: "minimum" });
    expect(grid!.read(filled(masked, { scale: [2, 3], minimum: [-1, 0] }))).toEqual({
      scales: Float32Array.of(2, 3),
      zeros: Float32Array.of(-1, 0),
    });
    expect(scaleGrids({ kind: "sparse", ...base, count: 0, indexDtype: "U16", valueDtype: "F32" })).toEqual([]);
    expect(scaleGrids({ kind: "dense", ...base, valueDtype: "F32" })).toEqual([]);
  });

  it("reads the rows of a part of any term as those of the whole", () => {
    const property = fc.property(arbitraryTerm, fc.nat(), fc.nat(), (term, a, b) => {
      const { rows } = term.layout;
      const [begin, end] = [a % (rows + 1), b % (rows + 1)].sort((x, y) => x - y) as [number, number];
      for (const grid of scaleGrids(term.layout)) {
        const whole = grid.read(term);
        const part = grid.read(termRows(term, begin, end));
        const expected = (values: Float32Array) =>
          grid.isShared ? values : values.subarray(begin * grid.groups, end * grid.groups);
        expect(whole.scales.length).toBe((grid.isShared ? 1 : rows) * grid.groups);
        expect(part.scales).toEqual(expected(whole.scales));
        expect(part.zeros).toEqual(whole.zeros && expected(whole.zeros));
        expect(grid.zero === undefined).toBe(whole.zeros === undefined);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("shares one row of scales among all rows of a tensor scale", () => {
    const layout: AffineLayout = { ...affine, granularity: "tensor", groupSize: 5, zero: "integer" };
    const term = randomTerm(layout, 7);
    const [grid] = scaleGrids(layout);
    expect(grid).toMatchObject({ isShared: true, groups: 1, groupSize: 5 });
    expect(grid!.read(term).zeros!.length).toBe(1);
  });
});

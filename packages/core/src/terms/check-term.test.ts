import { describe, expect, it } from "vitest";
import { checkTerm } from "./check-term.js";
import { validateWeight } from "./quantized-weight.js";
import type { Term, TermLayout } from "./term.js";
import { allocateTerm } from "./term-arrays.js";
import { termKind } from "./term-kinds.js";

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const sparse = { kind: "sparse", rows: 2, columns: 4, count: 3, indexDtype: "U32", valueDtype: "F32" } as const;
const sound: Term = {
  layout: sparse,
  arrays: { rowStarts: u32(0, 2, 3), columnIndices: u32(1, 3, 0), values: new Uint8Array(12) },
};

const AFFINE: TermLayout = {
  kind: "affine",
  rows: 1,
  columns: 8,
  bits: 8,
  granularity: "row",
  groupSize: 8,
  zero: "midpoint",
  scaleDtype: "F32",
};

const SIGN = {
  kind: "sign",
  rows: 1,
  columns: 8,
  granularity: "group",
  groupSize: 8,
  zones: 1,
  hasMean: false,
  hasColumnScale: false,
  scaleDtype: "F16",
} as const;
const BILEVEL = {
  kind: "bilevel",
  rows: 20,
  columns: 8,
  bits: 4,
  groupSize: 4,
  scaleBits: 3,
  zeroBits: 3,
  rowsPerBlock: 16,
  scaleDtype: "F16",
} as const;
const MASKED = {
  kind: "masked",
  rows: 5,
  columns: 8,
  count: 9,
  bits: 8,
  positions: "bitmap",
  scaleDtype: "F16",
} as const;

describe("checkTerm", () => {
  it("accepts sound positions", () => {
    expect(() => checkTerm(sound)).not.toThrow();
  });

  it.each([
    ["a start that is not 0", { rowStarts: u32(1, 2, 3) }],
    ["starts that fall", { rowStarts: u32(0, 4, 3) }],
    ["an end that is not the count", { rowStarts: u32(0, 2, 2) }],
    ["a column outside", { columnIndices: u32(1, 4, 0) }],
    ["columns out of order", { columnIndices: u32(3, 1, 0) }],
    ["a column twice in a row", { columnIndices: u32(1, 1, 0) }],
  ])("refuses %s", (_, arrays) => {
    const term: Term = { layout: sparse, arrays: { ...sound.arrays, ...arrays } as typeof sound.arrays };
    expect(() => checkTerm(term)).toThrow(expect.objectContaining({ code: "terms/invalid-array" }));
  });

  it("refuses a layout outside its ranges, whatever its arrays are", () => {
    const layout = { ...allocateTerm(AFFINE).layout, bits: 9 };
    expect(() => checkTerm(allocateTerm(layout))).toThrow(expect.objectContaining({ code: "terms/invalid-field" }));
  });

  it("refuses covered columns that leave the matrix", () => {
    const layout = { kind: "dense", rows: 1, columns: 4, coveredColumns: 2, valueDtype: "F32" } as const;
    const term: Term = { layout, arrays: { values: new Uint8Array(8), columns: u32(2, 4) } };
    expect(() => checkTerm(term)).toThrow(expect.objectContaining({ code: "terms/invalid-array" }));
  });

  it("refuses a bitmap that marks another number of weights than the layout states", () => {
    const layout = {
      kind: "masked",
      rows: 2,
      columns: 9,
      count: 3,
      bits: 8,
      positions: "bitmap",
      scaleDtype: "F32",
    } as const;
    const term = (...positions: number[]): Term => {
      const { arrays } = allocateTerm<TermLayout>(layout);
      return { layout, arrays: { ...arrays, positions: Uint8Array.from(positions) } as Term["arrays"] };
    };
    expect(() => checkTerm(term(0b11, 0, 0b100, 0))).not.toThrow();
    expect(() => checkTerm(term(0b11, 0xfe, 0b100, 0xfe))).not.toThrow();
    for (const marked of [term(0b11, 1, 0b100, 0), term(0b1, 0, 0b100, 0)]) {
      expect(() => checkTerm(marked)).toThrow(
        expect.objectContaining({ code: "terms/invalid-array", facts: expect.objectContaining({ expected: 3 }) }),
      );
    }
  });

  it.each([
    ["a column outside", { columnIndices: new Uint8Array(Uint16Array.of(1, 4, 0).buffer) }],
    ["columns out of order", { columnIndices: new Uint8Array(Uint16Array.of(3, 1, 0).buffer) }],
    ["an end that is not the count", { rowStarts: u32(0, 2, 2) }],
  ])("refuses masked indices with %s", (_, arrays) => {
    const layout = { ...sparse, kind: "masked", bits: 4, positions: "indices", scaleDtype: "F16" } as const;
    const { indexDtype: _index, valueDtype: _value, ...masked } = layout;
    const sound = {
      ...allocateTerm<TermLayout>(masked).arrays,
      rowStarts: u32(0, 2, 3),
      columnIndices: new Uint8Array(Uint16Array.of(1, 3, 0).buffer),
    };
    expect(() => checkTerm({ layout: masked, arrays: sound as Term["arrays"] })).not.toThrow();
    const broken = { ...sound, ...arrays } as Term["arrays"];
    expect(() => checkTerm({ layout: masked, arrays: broken })).toThrow(
      expect.objectContaining({ code: "terms/invalid-array" }),
    );
  });

  it("refuses arrays that are absent or of another size", () => {
    const { rowStarts, columnIndices } = sound.arrays as { rowStarts: Uint8Array; columnIndices: Uint8Array };
    expect(() => checkTerm({ layout: sparse, arrays: { rowStarts, columnIndices } as never })).toThrow(
      expect.objectContaining({ code: "terms/missing-array" }),
    );
    expect(() =>
      checkTerm({ layout: sparse, arrays: { rowStarts, columnIndices, values: new Uint8Array(11) } }),
    ).toThrow(
      expect.objectContaining({
        code: "terms/layout-mismatch",
        facts: expect.objectContaining({ found: 11, expected: 12 }),
      }),
    );
  });
});

describe("validate", () => {
  const affine: TermLayout = {
    kind: "affine",
    rows: 1,
    columns: 8,
    bits: 4,
    granularity: "group",
    groupSize: 8,
    zero: "midpoint",
    scaleDtype: "F16",
  };
  it.each<[object, string]>([
    [{ ...affine, bits: 0 }, "terms/invalid-field"],
    [{ ...affine, bits: 2.5 }, "terms/invalid-field"],
    [{ ...affine, groupSize: 0 }, "terms/invalid-field"],
    [{ ...affine, rows: -1 }, "terms/invalid-field"],
    [{ ...affine, columns: 2 ** 31 }, "terms/invalid-field"],
    [{ ...affine, granularity: "row", groupSize: 4 }, "terms/invalid-field"],
    [{ ...affine, scaleDtype: "F64" }, "terms/invalid-field"],
    [{ ...affine, zero: undefined }, "terms/missing-field"],
    [{ ...affine, offset: 1 }, "terms/unknown-field"],
    [{ kind: "dense", rows: 1, columns: 4, coveredColumns: 5, valueDtype: "F16" }, "terms/invalid-field"],
    [{ ...sparse, count: 9 }, "terms/invalid-field"],
    [{ ...SIGN, coveredColumns: 3, zones: 4 }, "terms/invalid-field"],
    [{ ...SIGN, coveredColumns: 3, granularity: "row", groupSize: 3 }, "terms/invalid-field"],
    [{ ...SIGN, hasPruned: true, zones: 4 }, "terms/invalid-field"],
    [{ ...SIGN, isZeroOne: true, hasMean: true }, "terms/invalid-field"],
    [{ ...SIGN, isZeroOne: true, hasColumnScale: true }, "terms/invalid-field"],
    [{ ...SIGN, isZeroOne: 1 }, "terms/invalid-field"],
    [{ ...BILEVEL, rowsPerBlock: 0 }, "terms/invalid-field"],
    [{ ...BILEVEL, scaleBits: 9 }, "terms/invalid-field"],
    [{ ...BILEVEL, zeroBits: 0 }, "terms/invalid-field"],
    [{ ...BILEVEL, groupSize: 0 }, "terms/invalid-field"],
    [{ ...BILEVEL, zero: "float" }, "terms/unknown-field"],
    [{ ...MASKED, count: 41 }, "terms/invalid-field"],
    [{ ...MASKED, count: -1 }, "terms/invalid-field"],
    [{ ...MASKED, positions: "runs" }, "terms/invalid-field"],
    [{ ...MASKED, columns: 0 }, "terms/invalid-field"],
    [{ ...sparse, columns: 70000, indexDtype: "U16" }, "terms/invalid-field"],
  ])("refuses %j", (layout, code) => {
    const unchecked = layout as TermLayout;
    expect(() => termKind(unchecked).validate(unchecked)).toThrow(expect.objectContaining({ code }));
  });

  it("joins all axes but the last of the weight's shape", () => {
    const provenance = { method: "rtn", options: {}, lowbitVersion: "0.0.0" };
    const weight = (shape: number[], terms: Term[]) => ({ shape, terms, inputTransforms: [], provenance });
    const term = allocateTerm({ ...affine, rows: 6 } as TermLayout);
    expect(() => validateWeight(weight([2, 3, 8], [term]))).not.toThrow();
    expect(() => validateWeight(weight([8, 6], [term]))).toThrow(
      expect.objectContaining({ code: "terms/shape-mismatch" }),
    );
    expect(() => validateWeight(weight([6, 8], []))).toThrow(expect.objectContaining({ code: "terms/no-terms" }));
  });
});

import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { decodeTerms } from "./decode-terms.js";
import type { Term } from "./term.js";

const backend = createReferenceBackend();

function decoded(...terms: Term[]): number[] {
  const { rows, columns } = terms[0]!.layout;
  const target = new Float32Array(rows * columns).fill(99);
  decodeTerms(terms, target, backend);
  return [...target];
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
/** F16 bits of small numbers, written down by hand: 0.5, 1, 2, −1, 0.25, 3. */
const HALF = {
  0.5: [0x00, 0x38],
  1: [0x00, 0x3c],
  2: [0x00, 0x40],
  "-1": [0x00, 0xbc],
  0.25: [0, 0x34],
  3: [0x00, 0x42],
};

describe("affine", () => {
  const layout = {
    kind: "affine",
    rows: 1,
    columns: 5,
    bits: 2,
    granularity: "group",
    groupSize: 3,
    scaleDtype: "F16",
  } as const;
  // Codes 0, 1, 2 | 3, 1: 0 + 1·4 + 2·16 + 3·64 = 228, then 1.
  const codes = bytes(228, 1);
  const scale = bytes(...HALF[0.5], ...HALF[2]);

  it("midpoint: scale · (code − 2)", () => {
    expect(decoded({ layout: { ...layout, zero: "midpoint" }, arrays: { codes, scale } })).toEqual([
      -1, -0.5, 0, 2, -2,
    ]);
  });

  it("integer: scale · (code − zero point), zero points packed like codes", () => {
    // Zero points 1 and 3: 1 + 3·4 = 13.
    const term: Term = { layout: { ...layout, zero: "integer" }, arrays: { codes, scale, zeroPoint: bytes(13) } };
    expect(decoded(term)).toEqual([-0.5, 0, 0.5, 0, -4]);
  });

  it("float: scale · (code − zero point)", () => {
    const zeroPoint = bytes(...HALF[0.5], ...HALF["-1"]);
    const term: Term = { layout: { ...layout, zero: "float" }, arrays: { codes, scale, zeroPoint } };
    expect(decoded(term)).toEqual([-0.25, 0.25, 0.75, 8, 4]);
  });

  it("minimum: scale · code + minimum", () => {
    const minimum = bytes(...HALF["-1"], ...HALF[0.25]);
    const term: Term = { layout: { ...layout, zero: "minimum" }, arrays: { codes, scale, minimum } };
    expect(decoded(term)).toEqual([-1, -0.5, 0, 6.25, 2.25]);
  });

  it("one scale for the tensor, 3-bit codes across bytes", () => {
    // Row 0: 7, 0, 5 → 7 + 5·64 = 327 = 0x147; row 1: 1, 2, 4 → 1 + 16 + 256 = 0x111.
    const term: Term = {
      layout: { ...layout, rows: 2, columns: 3, bits: 3, granularity: "tensor", groupSize: 3, zero: "midpoint" },
      arrays: { codes: bytes(0x47, 1, 0x11, 1), scale: bytes(...HALF[2]) },
    };
    expect(decoded(term)).toEqual([6, -8, 2, -6, -4, 0]);
  });

  it("rounds the product and the sum to f32 one after the other", () => {
    // In f32 0.1 · 3 rounds up to 0.3, so nothing is left; a fused multiply-add would leave −7.45e-9.
    const term: Term = {
      layout: { ...layout, columns: 1, zero: "minimum", scaleDtype: "F32" },
      arrays: { codes: bytes(3), scale: f32(0.1), minimum: f32(-0.3) },
    };
    expect(decoded(term)).toEqual([0]);
  });
});

describe("sign", () => {
  const layout = {
    kind: "sign",
    rows: 1,
    columns: 5,
    granularity: "group",
    groupSize: 3,
    zones: 1,
    hasMean: false,
    hasColumnScale: false,
    scaleDtype: "F16",
  } as const;
  // Signs + − + | − +.
  const signs = bytes(0b10101);

  it("scale · sign by group", () => {
    const term: Term = { layout, arrays: { signs, scale: bytes(...HALF[0.5], ...HALF[3]) } };
    expect(decoded(term)).toEqual([0.5, -0.5, 0.5, -3, 3]);
  });

  it("column scales, then the mean", () => {
    const term: Term = {
      layout: { ...layout, groupSize: 5, granularity: "row", hasMean: true, hasColumnScale: true },
      arrays: {
        signs,
        scale: bytes(...HALF[2]),
        mean: bytes(...HALF[0.25]),
        columnScale: bytes(...HALF[1], ...HALF[2], ...HALF[0.5], ...HALF[3], ...HALF["-1"]),
      },
    };
    expect(decoded(term)).toEqual([2.25, -3.75, 1.25, -5.75, -1.75]);
  });

  it("zones choose scale and mean; only covered columns change", () => {
    // Covered columns 1, 3, 4 with signs + − +, zones 2, 0, 1: 2 + 0·4 + 1·16 = 18.
    const term: Term = {
      layout: { ...layout, coveredColumns: 3, groupSize: 5, zones: 3, hasMean: true },
      arrays: {
        signs: bytes(0b101),
        scale: bytes(...HALF[0.5], ...HALF[1], ...HALF[2]),
        mean: bytes(...HALF[0.25], ...HALF[0.5], ...HALF["-1"]),
        zoneMap: bytes(18),
        columns: u32(1, 3, 4),
      },
    };
    expect(decoded(term)).toEqual([0, 1, 0, -0.25, 1.5]);
  });

  it("groups are spans of columns of the matrix, however many of them are covered", () => {
    // Columns 1 | 3, 4 of groups 0…2 and 3…4.
    const term: Term = {
      layout: { ...layout, coveredColumns: 3 },
      arrays: { signs: bytes(0b101), scale: bytes(...HALF[0.5], ...HALF[3]), columns: u32(1, 3, 4) },
    };
    expect(decoded(term)).toEqual([0, 0.5, 0, -3, 3]);
  });

  it("a zone of pruned weights without a scale", () => {
    // Zones 0, 2, 1, 2 (pruned), 3 (beyond the last: pruned): 0 + 2·4 + 1·16 + 2·64 = 152, then 3.
    const term: Term = {
      layout: { ...layout, groupSize: 5, zones: 2, hasPruned: true, hasMean: true },
      arrays: {
        signs,
        scale: bytes(...HALF[0.5], ...HALF[2]),
        mean: bytes(...HALF[0.25], ...HALF[1]),
        zoneMap: bytes(152, 3),
      },
    };
    expect(decoded(term)).toEqual([0.75, 0, 3, 0, 0]);
  });

  it("planes of 0 and 1", () => {
    const term: Term = {
      layout: { ...layout, isZeroOne: true },
      arrays: { signs, scale: bytes(...HALF[0.5], ...HALF[3]) },
    };
    expect(decoded(term)).toEqual([0.5, 0, 0.5, 0, 3]);
    const some: Term = {
      layout: { ...layout, isZeroOne: true, coveredColumns: 2 },
      arrays: { signs: bytes(0b10), scale: bytes(...HALF[0.5], ...HALF["-1"]), columns: u32(0, 4) },
    };
    expect(decoded(some)).toEqual([0, 0, 0, 0, -1]);
  });
});

describe("bilevel", () => {
  it("scales and zeros are codes on a grid a block of rows", () => {
    // 3 rows in blocks of 2, 3 columns in groups of 2. Codes of 2 bits: 0 1 2 | 3 0 1 | 2 3 1.
    const term: Term = {
      layout: {
        kind: "bilevel",
        rows: 3,
        columns: 3,
        bits: 2,
        groupSize: 2,
        scaleBits: 3,
        zeroBits: 1,
        rowsPerBlock: 2,
        scaleDtype: "F16",
      },
      arrays: {
        codes: bytes(0 + 4 + 32, 3 + 16, 2 + 12 + 16),
        // Scale codes 0 1 | 5 2 | 1 4, zero codes 1 0 | 0 1 | 1 1.
        scaleCodes: bytes(0 + 8, 5 + 16, 1 + 32),
        zeroCodes: bytes(0b01, 0b10, 0b11),
        scaleScale: bytes(...HALF[1], ...HALF[2], ...HALF[0.5], ...HALF["-1"]),
        scaleMinimum: bytes(...HALF[0.5], ...HALF[1], ...HALF[0.5], ...HALF[3]),
        zeroScale: bytes(...HALF[0.5], ...HALF[1], ...HALF[2], ...HALF[0.25]),
        zeroMinimum: bytes(...HALF[1], ...HALF["-1"], ...HALF[0.5], ...HALF[0.25]),
      },
    };
    // s: 0.5 3 | 5.5 5 | 1 −1; z: 1.5 −1 | 1 0 | 2.5 0.5.
    expect(decoded(term)).toEqual([-0.75, -0.25, 9, 11, -5.5, 5, -0.5, 0.5, -0.5]);
  });
});

describe("masked", () => {
  // 3 rows of 10 columns; marked: 1 9 | none | 0 8 9 with codes 2 1 | 3 0 1: 2 + 1·4 + 3·16 + 0·64 = 54, then 1.
  const layout = { kind: "masked", rows: 3, columns: 10, count: 5, bits: 2, scaleDtype: "F16" } as const;
  const rest = {
    codes: bytes(54, 1),
    scale: bytes(...HALF[2], ...HALF[3], ...HALF[0.5]),
    minimum: bytes(...HALF["-1"], ...HALF[3], ...HALF[0.25]),
  };
  const expected = [0, 3, 0, 0, 0, 0, 0, 0, 0, 1, ...Array(10).fill(0), 1.75, 0, 0, 0, 0, 0, 0, 0, 0.25, 0.75];

  it("marks weights by a bitmap; bits after the last column are ignored", () => {
    const positions = bytes(0b10, 0b1110, 0, 0, 1, 0b11);
    expect(decoded({ layout: { ...layout, positions: "bitmap" }, arrays: { positions, ...rest } })).toEqual(expected);
  });

  it("marks weights by indices", () => {
    const rowStarts = u32(0, 2, 2, 5);
    const columnIndices = bytes(1, 0, 9, 0, 0, 0, 8, 0, 9, 0);
    const term: Term = { layout: { ...layout, positions: "indices" }, arrays: { rowStarts, columnIndices, ...rest } };
    expect(decoded(term)).toEqual(expected);
  });
});

describe("ternary", () => {
  const layout = {
    kind: "ternary",
    rows: 1,
    columns: 6,
    granularity: "group",
    groupSize: 4,
    scaleDtype: "F16",
  } as const;
  const scale = bytes(...HALF[0.5], ...HALF[3]);

  it("two-bit: four digits a byte", () => {
    // Digits 0, 1, 2, 2 | 0, 2: 0 + 4 + 32 + 128 = 164; 0 + 8 = 8.
    const term: Term = { layout: { ...layout, packing: "two-bit" }, arrays: { digits: bytes(164, 8), scale } };
    expect(decoded(term)).toEqual([-0.5, 0, 0.5, 0.5, -3, 3]);
  });

  it("base-3: five digits a byte", () => {
    // 0 + 1·3 + 2·9 + 2·27 + 0·81 = 75; then 2.
    const term: Term = { layout: { ...layout, packing: "base-3" }, arrays: { digits: bytes(75, 2), scale } };
    expect(decoded(term)).toEqual([-0.5, 0, 0.5, 0.5, -3, 3]);
  });
});

describe("codebook", () => {
  it("scale · table[code]", () => {
    const term: Term = {
      layout: {
        kind: "codebook",
        rows: 2,
        columns: 3,
        bits: 2,
        granularity: "row",
        groupSize: 3,
        codebook: "example",
        scaleDtype: "BF16",
      },
      // Row 0: 0, 1, 3 → 0 + 4 + 48 = 52; row 1: 2, 2, 0 → 2 + 8 = 10. BF16 of 2 is 0x4000, of 0.5 is 0x3f00.
      arrays: { codes: bytes(52, 10), scale: bytes(0, 0x40, 0, 0x3f), table: f32(-1, -0.25, 0.5, 1) },
    };
    expect(decoded(term)).toEqual([-2, -0.5, 2, 0.25, 0.25, -0.5]);
  });
});

describe("sparse and dense", () => {
  it("sparse: values at their places, empty rows included", () => {
    const term: Term = {
      layout: { kind: "sparse", rows: 3, columns: 3, count: 3, indexDtype: "U16", valueDtype: "F32" },
      arrays: { rowStarts: u32(0, 2, 2, 3), columnIndices: bytes(0, 0, 2, 0, 1, 0), values: f32(5, -6, 7) },
    };
    expect(decoded(term)).toEqual([5, 0, -6, 0, 0, 0, 0, 7, 0]);
  });

  it("dense: all columns or the covered ones", () => {
    const all: Term = {
      layout: { kind: "dense", rows: 2, columns: 2, valueDtype: "F16" },
      arrays: { values: bytes(...HALF[1], ...HALF[2], ...HALF[3], ...HALF["-1"]) },
    };
    expect(decoded(all)).toEqual([1, 2, 3, -1]);
    const some: Term = {
      layout: { kind: "dense", rows: 2, columns: 3, coveredColumns: 1, valueDtype: "F32" },
      arrays: { values: f32(8, 9), columns: u32(2) },
    };
    expect(decoded(some)).toEqual([0, 0, 8, 0, 0, 9]);
  });
});

describe("decodeTerms", () => {
  it("starts from +0 and adds terms in their order", () => {
    const dense = (...values: number[]): Term => ({
      layout: { kind: "dense", rows: 1, columns: 2, valueDtype: "F32" },
      arrays: { values: f32(...values) },
    });
    // 2^24 + 1 is 2^24 in f32: the order of the additions shows.
    expect(decoded(dense(16777216, -0), dense(1, -0), dense(-16777216, -0))).toEqual([0, 0]);
    expect(decoded(dense(16777216, 0), dense(-16777216, 0), dense(1, 0))).toEqual([1, 0]);
  });

  it("refuses a target of another size", () => {
    const term: Term = {
      layout: { kind: "dense", rows: 1, columns: 2, valueDtype: "F32" },
      arrays: { values: f32(1, 2) },
    };
    expect(() => decodeTerms([term], new Float32Array(3), backend)).toThrow(
      expect.objectContaining({ code: "terms/target-size" }),
    );
  });
});

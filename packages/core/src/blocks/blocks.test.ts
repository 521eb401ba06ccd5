import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTerm } from "../terms/check-term.js";
import type { ScaleDtype, Term, TermLayout } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import { BLOCK_TYPES, blockType } from "./block-table.js";
import type { BlockType } from "./block-type.js";
import { decoded } from "./decoded.fixture.js";
import { I2_S } from "./i2-s.js";

/** Where f16 numbers stand in a block: random bytes there must not be NaN, whose bits do not survive. */
const F16_AT: Readonly<Record<string, readonly number[]>> = {
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  TQ2_0: [64],
  Q1_0: [0],
  Q2_0: [0],
  MXFP4: [],
  NVFP4: [],
};

describe.each(Object.values(BLOCK_TYPES))("$name", (type) => {
  it("unpacks to a sound term of its layout", () => {
    const rows = 2;
    const columns = 2 * type.weights;
    const term = type.unpack(new Uint8Array(4 * type.bytes + (type.sharedBytes ?? 0)), rows, columns);
    expect(term.layout).toEqual(type.layout(rows, columns));
    expect(() => checkTerm(term)).not.toThrow();
    expect(type.unpack(new Uint8Array(type.sharedBytes ?? 0), 0, columns).layout).toEqual(type.layout(0, columns));
  });
});

describe.each(Object.keys(F16_AT).map((name) => BLOCK_TYPES[name as BlockType["name"]]!))("$name", (type) => {
  it("packs what it unpacked, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 6 * type.bytes, maxLength: 6 * type.bytes }),
        fc.constantFrom(1, 2, 3, 6),
        (bytes, rows) => {
          const blocks = canonical(type, bytes);
          const term = type.unpack(blocks, rows, (6 / rows) * type.weights);
          expect(type.pack!([term])).toEqual({ blocks });
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** The same blocks without NaN, and without the scale bytes of NVFP4 that repeat others (128 and more) or are 0x7f. */
function canonical(type: BlockType, bytes: Uint8Array): Uint8Array {
  const blocks = bytes.slice();
  for (let block = 0; block < blocks.length; block += type.bytes) {
    for (const at of F16_AT[type.name]!) blocks[block + at + 1]! &= 0xbf;
    if (type.name === "NVFP4") for (let i = 0; i < 4; i++) blocks[block + i]! %= 127;
  }
  return blocks;
}

describe("TQ1_0", () => {
  it("packs what it unpacked where every byte is one that is written", () => {
    const written = Uint8Array.from({ length: 243 }, (_, q) => Math.floor((256 * q + 242) / 243));
    const four = Uint8Array.from({ length: 81 }, (_, q) => written[3 * q]!);
    const blocks = new Uint8Array(5 * 54);
    blocks.forEach((_, i) => {
      const at = i % 54;
      if (at < 48) blocks[i] = written[(i * 7) % 243]!;
      else if (at < 52) blocks[i] = four[(i * 5) % 81]!;
      else blocks[i] = at === 52 ? i : 0x38;
    });
    const type = blockType("TQ1_0");
    expect(type.pack!([type.unpack(blocks, 5, 256)])).toEqual({ blocks });
  });
});

const base = { rows: 3, columns: 512 } as const;

function affine(fields: object, fill: (term: Term) => void = () => {}): Term {
  const layout = {
    kind: "affine",
    ...base,
    bits: 4,
    granularity: "group",
    groupSize: 128,
    zero: "midpoint",
    scaleDtype: "F16",
    ...fields,
  } as TermLayout;
  return filled(layout, fill);
}

/** Codes of a fixed pattern, scales ±1, ±0.5, ±0.25 … in any dtype. */
function filled(layout: TermLayout, fill: (term: Term) => void = () => {}): Term {
  const term = allocateTerm(layout);
  const { arrays } = term as unknown as { arrays: Record<string, Uint8Array> };
  for (const name of ["codes", "signs", "digits", "zoneMap"])
    arrays[name]?.forEach((_, i, array) => {
      array[i] = (i * 37 + 11) & 255;
    });
  const dtype = (layout as { scaleDtype: ScaleDtype }).scaleDtype;
  for (const name of ["scale", "minimum", "mean"]) {
    if (arrays[name] === undefined) continue;
    const count = arrays[name].length / (dtype === "F32" ? 4 : 2);
    const values = Float32Array.from({ length: count }, (_, i) => (i % 2 ? -1 : 1) * 2 ** -(i % 5));
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i++) {
      if (dtype === "F32")
        new DataView(arrays[name].buffer, arrays[name].byteOffset).setFloat32(4 * i, values[i]!, true);
      else if (dtype === "BF16") arrays[name].set([bits[i]! >> 16, bits[i]! >> 24], 2 * i);
      else arrays[name].set([0, ((bits[i]! >>> 31) << 7) | ((15 - (i % 5)) << 2)], 2 * i);
    }
  }
  fill(term);
  return term;
}

/** The blocks decode to the weights of the term. */
function expectExact(name: BlockType["name"], term: Term): void {
  const type = blockType(name);
  const packed = type.pack!([term]);
  if ("reason" in packed) throw new Error(packed.reason);
  expect(packed.rounded).toBeUndefined();
  const { rows, columns } = term.layout;
  expect(decoded(type.unpack(packed.blocks, rows, columns))).toEqual(decoded(term));
}

function reason(name: BlockType["name"], ...terms: Term[]): string {
  const packed = blockType(name).pack!(terms);
  if (!("reason" in packed)) throw new Error("The terms were packed.");
  return packed.reason;
}

const zeroPoints = (byte: number) => (term: Term) => (term.arrays as { zeroPoint: Uint8Array }).zeroPoint.fill(byte);

const sign = (fields: object = {}): Term =>
  filled({
    kind: "sign",
    ...base,
    granularity: "group",
    groupSize: 128,
    zones: 1,
    hasMean: false,
    hasColumnScale: false,
    scaleDtype: "F16",
    ...fields,
  } as TermLayout);

/** Two-bit digits 0, 1 and 2. */
const ternary = (fields: object = {}): Term =>
  filled(
    {
      kind: "ternary",
      ...base,
      granularity: "group",
      groupSize: 256,
      packing: "two-bit",
      scaleDtype: "F16",
      ...fields,
    } as TermLayout,
    ({ arrays }) => {
      const { digits } = arrays as { digits: Uint8Array };
      const isBase3 = (fields as { packing?: string }).packing === "base-3";
      digits.forEach((byte, i) => {
        digits[i] = isBase3 ? byte % 243 : byte & ~((byte >> 1) & 0x55);
      });
    },
  );

describe("pack", () => {
  it.each<[BlockType["name"], string, Term]>([
    ["Q4_0", "affine 4-bit midpoint, groups of 128", affine({})],
    ["Q4_0", "affine 4-bit, F32 scales that F16 holds", affine({ scaleDtype: "F32" })],
    ["Q4_0", "affine 4-bit, BF16 scales that F16 holds", affine({ scaleDtype: "BF16", groupSize: 32 })],
    ["Q4_0", "affine 4-bit, a scale a row", affine({ granularity: "row", groupSize: 512 })],
    ["Q4_0", "affine 4-bit, one scale", affine({ granularity: "tensor", groupSize: 512 })],
    ["Q4_0", "affine 4-bit, every zero point 8", affine({ zero: "integer" }, zeroPoints(0x88))],
    ["Q4_0", "affine 4-bit, every zero point 7: negated scales", affine({ zero: "integer" }, zeroPoints(0x77))],
    ["Q4_0", "affine 3-bit", affine({ bits: 3 })],
    ["Q4_0", "signs", sign()],
    ["Q4_0", "ternary", ternary()],
    ["Q4_1", "affine 4-bit midpoint", affine({})],
    ["Q4_1", "affine 4-bit minimum", affine({ zero: "minimum" })],
    ["Q4_1", "affine 4-bit, zero points of their own", affine({ zero: "integer" })],
    ["Q4_1", "signs", sign()],
    ["Q4_1", "signs with means", sign({ hasMean: true })],
    ["Q5_0", "affine 5-bit", affine({ bits: 5 })],
    ["Q5_0", "affine 4-bit", affine({})],
    ["Q5_1", "affine 5-bit minimum", affine({ bits: 5, zero: "minimum" })],
    ["Q8_0", "affine 8-bit, a scale a row", affine({ bits: 8, granularity: "row", groupSize: 512 })],
    ["Q8_0", "affine 4-bit, zero points of their own", affine({ zero: "integer" })],
    ["Q1_0", "signs", sign()],
    ["Q1_0", "signs, one scale", sign({ granularity: "tensor", groupSize: 512 })],
    ["Q2_0", "ternary", ternary()],
    ["Q2_0", "signs", sign()],
    ["Q2_0", "affine 2-bit, every zero point 1", affine({ bits: 2, zero: "integer" }, zeroPoints(0x55))],
    ["Q2_0", "affine 2-bit midpoint: negated scales", affine({ bits: 2 })],
    ["TQ1_0", "ternary", ternary()],
    ["TQ1_0", "ternary base-3, a scale a row", ternary({ packing: "base-3", granularity: "row", groupSize: 512 })],
    ["TQ1_0", "signs, a scale a row", sign({ granularity: "row", groupSize: 512 })],
    ["TQ2_0", "ternary, one scale", ternary({ granularity: "tensor", groupSize: 512 })],
    ["TQ2_0", "zero-one signs", sign({ isZeroOne: true, granularity: "row", groupSize: 512 })],
  ])("stores in %s exactly: %s", (name, _, term) => {
    expectExact(name, term);
  });

  it("says what it rounded", () => {
    const inexact = (term: Term) => {
      (term.arrays as { scale: Uint8Array }).scale.set([1, 2, 3, 0x3d]);
    };
    const wide = affine({ scaleDtype: "F32" }, inexact);
    expect(blockType("Q4_0").pack!([wide])).toMatchObject({ rounded: "F32 scales to F16" });
    expect(blockType("Q4_1").pack!([wide])).toMatchObject({
      rounded: "F32 scales to F16, minimums −zero · scale to F16",
    });
    const fine = affine({ zero: "integer" }, (term) => {
      zeroPoints(0x77)(term);
      (term.arrays as { scale: Uint8Array }).scale.set([0xff, 0x3b]);
    });
    expect(blockType("Q4_1").pack!([fine])).toMatchObject({ rounded: "minimums −zero · scale to F16" });
  });

  it("refuses what does not fit, and says why", () => {
    expect(reason("Q4_0", affine({ groupSize: 48 }))).toMatch(/groups of 48 columns are no multiple of 32/);
    expect(reason("TQ2_0", ternary({ groupSize: 128 }))).toMatch(/groups of 128 columns are no multiple of 256/);
    expect(reason("Q4_0", affine({ columns: 500, groupSize: 128 }))).toMatch(/rows of 500 are no multiple of 32/);
    expect(reason("Q4_0", affine({ bits: 5 }))).toMatch(/row 0 has levels beyond/);
    expect(reason("Q4_1", affine({ bits: 5 }))).toMatch(/row 0 has codes/);
    expect(reason("Q1_0", ternary())).toMatch(/levels beyond/);
    expect(reason("TQ1_0", affine({ bits: 2, groupSize: 256 }))).toMatch(/levels beyond/);
    expect(reason("Q4_0", affine({ zero: "minimum" }))).toMatch(/minimums/);
    expect(reason("Q4_0", affine({ zero: "float" }))).toMatch(/no integers/);
    expect(reason("Q4_0", affine({}), affine({}))).toMatch(/sum of 2 terms/);
    expect(reason("Q1_0", sign({ hasColumnScale: true }))).toMatch(/every column/);
    expect(reason("Q1_0", sign({ zones: 2 }))).toMatch(/zones/);
    expect(reason("Q1_0", filled({ kind: "dense", ...base, valueDtype: "F16" }))).toMatch(/no uniform grid/);
    expect(reason("MXFP4", affine({}))).toMatch(/no table of E2M1/);
    const huge = affine({ scaleDtype: "F32" }, ({ arrays }) => {
      (arrays as { scale: Uint8Array }).scale.set([0, 0, 0x80, 0x47]);
    });
    expect(reason("Q4_0", huge)).toMatch(/scale 65536 is beyond the range of F16/);
    expect(reason("Q4_1", huge)).toMatch(/scale 65536 is beyond the range of F16/);
  });
});

describe("E2M1 blocks", () => {
  /** In another order and halved, as other tools store it. */
  const table = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6].toReversed();
  const codebook = (scale: readonly number[], values: readonly number[] = table): Term =>
    filled(
      {
        kind: "codebook",
        rows: 1,
        columns: 128,
        bits: 4,
        granularity: "group",
        groupSize: 128 / scale.length,
        codebook: "fp4",
        scaleDtype: "F32",
      },
      ({ arrays }) => {
        const { scale: scales, table: levels } = arrays as { scale: Uint8Array; table: Uint8Array };
        scales.set(new Uint8Array(Float32Array.from(scale).buffer));
        levels.set(new Uint8Array(Float32Array.from(values).buffer));
      },
    );

  it("take tables in any order with scales of theirs", () => {
    expectExact("MXFP4", codebook([1, 2 ** -100, 2 ** 100, 0.25]));
    expectExact("MXFP4", codebook([2 ** -20]));
    expectExact("NVFP4", codebook([1, 448, 2 ** -9, 0.8125, 0, 1, 1, 1]));
  });

  it("refuse other tables and scales", () => {
    expect(reason("MXFP4", codebook([0.75]))).toMatch(/its scale 0.75 is none of the powers of two/);
    expect(reason("NVFP4", codebook([1000]))).toMatch(/its scale 1000 is none of the values of UE4M3/);
    expect(reason("NVFP4", codebook([1.0625]))).toMatch(/none of the values of UE4M3/);
    expect(reason("MXFP4", codebook([1], [...table.slice(1), 5]))).toMatch(/other values than E2M1/);
    expect(reason("MXFP4", codebook(Array<number>(8).fill(1)))).toMatch(/groups of 16 columns are no multiple of 32/);
    expect(reason("MXFP4", codebook([1]), codebook([1]))).toMatch(/sum of 2 terms/);
  });
});

describe("I2_S", () => {
  const scale = [0, 0, 0x20, 0xc0]; // −2.5

  it("takes digits from the highest bits down and one scale behind the rows", () => {
    const blocks = new Uint8Array(2 * 32 + 32);
    blocks.fill(0b01_01_01_01, 0, 64);
    blocks[0] = 0b10_01_00_01; // weights 0, 32, 64, 96 of row 0
    blocks[32 + 5] = 0b01_01_01_10; // weight 101 of row 1
    blocks.set(scale, 64);
    const weights = decoded(I2_S.unpack(blocks, 2, 128));
    const others = [...weights.keys()].filter((i) => weights[i] !== 0);
    expect(others.map((i) => [i, weights[i]])).toEqual([
      [0, -2.5],
      [64, 2.5],
      [128 + 101, -2.5],
    ]);
  });

  it("refuses a digit that means nothing", () => {
    const blocks = new Uint8Array(3 * 32 + 32);
    blocks[40] = 0b00_11_00_00;
    expect(() => I2_S.unpack(blocks, 3, 128)).toThrow(
      expect.objectContaining({ code: "gguf/block-value", facts: { type: "I2_S", block: 1 } }),
    );
  });
});

describe("blockType", () => {
  it("refuses a name that no type has", () => {
    expect(() => blockType("Q9_9" as never)).toThrow(expect.objectContaining({ code: "gguf/unknown-type" }));
  });
});

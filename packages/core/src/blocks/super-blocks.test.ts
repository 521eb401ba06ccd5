import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AffineLayout } from "../terms/affine.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { blockType } from "./block-table.js";
import type { BlockTypeName } from "./block-type.js";
import { decoded } from "./decoded.fixture.js";
import { recoverSuperScale } from "./super-scale.js";

/** Where the f16 numbers of a block stand. */
const F16_AT = {
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
  IQ4_XS: [0],
  IQ4_NL: [0],
} as const satisfies Partial<Record<BlockTypeName, readonly number[]>>;

type Name = keyof typeof F16_AT;
const NAMES = Object.keys(F16_AT) as Name[];

/** Random bytes whose f16 numbers are finite. */
function finiteBlocks(name: Name, bytes: Uint8Array): Uint8Array {
  const blocks = bytes.slice();
  for (let at = 0; at < blocks.length; at += blockType(name).bytes) {
    for (const f16 of F16_AT[name]) blocks[at + f16 + 1]! &= 0xbf;
  }
  return blocks;
}

describe.each(NAMES)("%s", (name) => {
  const type = blockType(name);

  it("packs what it unpacked to the same weights", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4 * type.bytes, maxLength: 4 * type.bytes }), (bytes) => {
        const term = type.unpack(finiteBlocks(name, bytes), 2, 2 * type.weights);
        const packed = type.pack!([term]);
        if ("reason" in packed) throw new Error(packed.reason);
        expect(decoded(type.unpack(packed.blocks, 2, 2 * type.weights))).toEqual(decoded(term));
      }),
      { numRuns: 30 },
    );
  });

  it("keeps zeros", () => {
    const blocks = new Uint8Array(2 * type.bytes).fill(0xff);
    type.encode!(new Float32Array(2 * type.weights), blocks);
    expect(decoded(type.unpack(blocks, 2, type.weights))).toEqual(new Float32Array(2 * type.weights));
  });
});

function withScales(term: Term, scales: readonly number[]): Term {
  writeScales(scales, "F32", (term.arrays as { scale: Uint8Array }).scale.subarray(0, 4 * scales.length));
  return term;
}

function reason(name: Name, ...terms: Term[]): string {
  const packed = blockType(name).pack!(terms);
  if (!("reason" in packed)) throw new Error("The terms were packed.");
  return packed.reason;
}

const unpacked = (name: Name): Term =>
  blockType(name).unpack(new Uint8Array(blockType(name).bytes), 1, blockType(name).weights);

describe("what does not fit is refused", () => {
  it("scales that are no multiples of one f16 number", () => {
    expect(reason("Q4_K", withScales(unpacked("Q4_K"), [1, Math.PI]))).toMatch(/scales of 256 weights of row 0/);
    expect(reason("Q6_K", withScales(unpacked("Q6_K"), [1, 1 / 300]))).toMatch(/no multiples of one f16 number/);
  });

  it("minimums above 0", () => {
    const term = unpacked("Q2_K");
    writeScales([1, -1], "F32", (term.arrays as { minimum: Uint8Array }).minimum.subarray(0, 8));
    expect(reason("Q2_K", term)).toMatch(/minimums of 256 weights of row 0/);
  });

  it("other grids", () => {
    expect(reason("Q5_K", unpacked("Q4_K"))).toMatch(/affine 4-bit/);
    expect(reason("IQ4_XS", unpacked("Q4_K"))).toMatch(/affine 4-bit/);
    expect(reason("Q4_K", unpacked("IQ4_XS"))).toMatch(/codebook/);
    expect(reason("IQ4_NL", unpacked("Q4_K"))).toMatch(/no table of IQ4_NL/);
    expect(reason("Q4_K", unpacked("Q4_K"), unpacked("Q4_K"))).toMatch(/sum of 2 terms/);
    const term = unpacked("Q4_K") as Term<AffineLayout>;
    expect(reason("Q4_K", { ...term, layout: { ...term.layout, columns: 128 } })).toMatch(/no multiple of 256/);
  });

  it("another table", () => {
    for (const name of ["IQ4_XS", "IQ4_NL"] as const) {
      const term = unpacked(name);
      writeScales([-1], "F32", (term.arrays as { table: Uint8Array }).table.subarray(0, 4));
      expect(reason(name, term)).toMatch(/table/);
    }
  });
});

describe("recoverSuperScale", () => {
  it("finds the largest step on the far end of the range", () => {
    expect(recoverSuperScale(Float32Array.of(-32, 31), -32, 31)).toEqual({ bits: 0x3c00, steps: [-32, 31] });
    expect(recoverSuperScale(Float32Array.of(0, 63, 1), 0, 63)).toEqual({ bits: 0x3c00, steps: [0, 63, 1] });
  });

  it("finds none for infinities, NaN and incommensurable numbers", () => {
    expect(recoverSuperScale(Float32Array.of(1, Number.POSITIVE_INFINITY), 0, 63)).toBeUndefined();
    expect(recoverSuperScale(Float32Array.of(1, Number.NaN), 0, 63)).toBeUndefined();
    expect(recoverSuperScale(Float32Array.of(1, Math.SQRT1_2), 0, 63)).toBeUndefined();
  });
});

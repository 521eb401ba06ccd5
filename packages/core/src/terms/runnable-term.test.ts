import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import { arbitraryTerm } from "./arbitrary-term.fixture.js";
import type { BilevelLayout } from "./bilevel.js";
import { checkTerm } from "./check-term.js";
import { decodeTerms } from "./decode-terms.js";
import { readU32 } from "./index-array.js";
import type { MaskedLayout } from "./masked.js";
import { runnableLayout, runnableTerm } from "./runnable-term.js";
import { readScales } from "./scale-array.js";
import { mappedZones, type SignLayout, zoneBits } from "./sign.js";
import type { Term } from "./term.js";
import { arrayByteLength, termArray, termArrays } from "./term-arrays.js";

const backend = createReferenceBackend();
const { fround } = Math;

/** Terms of the kinds that ops do not take as they are stored. */
const storedForm = arbitraryTerm.filter(({ layout }) => runnableLayout(layout) !== layout);

function decodeOne(term: Term): Float32Array {
  const target = new Float32Array(term.layout.rows * term.layout.columns);
  decodeTerms([term], target, backend);
  return target;
}

/** The formulas of docs/formats/lowbit.md, element by element, without the plain form. */
function byFormula(term: Term): Float32Array {
  switch (term.layout.kind) {
    case "bilevel":
      return bilevelByFormula(term as Term<BilevelLayout>);
    case "masked":
      return maskedByFormula(term as Term<MaskedLayout>);
    default:
      return signByFormula(term as Term<SignLayout>);
  }
}

function codeAt(bytes: Uint8Array, rowBytes: number, row: number, index: number, bits: number): number {
  let code = 0;
  for (let bit = 0; bit < bits; bit++) {
    const at = index * bits + bit;
    code |= ((bytes[row * rowBytes + (at >> 3)]! >> (at & 7)) & 1) << bit;
  }
  return code;
}

function bilevelByFormula({ layout, arrays }: Term<BilevelLayout>): Float32Array {
  const { rows, columns, bits, groupSize, scaleBits, zeroBits, rowsPerBlock, scaleDtype } = layout;
  const groups = Math.ceil(columns / groupSize);
  const grid = (name: "scale" | "zero", row: number, group: number, width: number) => {
    const code = codeAt(arrays[`${name}Codes`], Math.ceil((groups * width) / 8), row, group, width);
    const at = Math.floor(row / rowsPerBlock) * groups + group;
    const scale = readScales(arrays[`${name}Scale`], scaleDtype)[at]!;
    return fround(fround(scale * code) + readScales(arrays[`${name}Minimum`], scaleDtype)[at]!);
  };
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const group = Math.floor(column / groupSize);
    const code = codeAt(arrays.codes, Math.ceil((columns * bits) / 8), row, column, bits);
    const zero = grid("zero", row, group, zeroBits);
    return 0 + fround(grid("scale", row, group, scaleBits) * fround(code - zero));
  });
}

function maskedByFormula({ layout, arrays }: Term<MaskedLayout>): Float32Array {
  const { rows, columns, count, bits, scaleDtype } = layout;
  const codes = new Uint8Array(count);
  unpackCodes(arrays.codes, bits, count, codes);
  const scale = readScales(arrays.scale, scaleDtype);
  const minimum = readScales(arrays.minimum, scaleDtype);
  const starts = arrays.rowStarts && readU32(arrays.rowStarts);
  const isMarked = (row: number, column: number): boolean => {
    if (starts === undefined) return codeAt(arrays.positions!, Math.ceil(columns / 8), row, column, 1) === 1;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      if (arrays.columnIndices![2 * at]! + 256 * arrays.columnIndices![2 * at + 1]! === column) return true;
    }
    return false;
  };
  let next = 0;
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    if (!isMarked(row, i % columns)) return 0;
    return 0 + fround(fround(scale[row]! * codes[next++]!) + minimum[row]!);
  });
}

function signByFormula({ layout, arrays }: Term<SignLayout>): Float32Array {
  const { rows, columns, groupSize, zones, scaleDtype } = layout;
  const covered = arrays.columns ? [...readU32(arrays.columns)] : Array.from({ length: columns }, (_, i) => i);
  const groups = Math.ceil(columns / groupSize);
  const mapped = mappedZones(layout);
  const bits = zoneBits(mapped);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    covered.forEach((column, i) => {
      const zone = mapped > 1 ? codeAt(arrays.zoneMap!, Math.ceil((covered.length * bits) / 8), row, i, bits) : 0;
      if (layout.hasPruned && zone >= zones) return;
      const scaleRow = layout.granularity === "tensor" ? 0 : row;
      const at = (scaleRow * groups + Math.floor(column / groupSize)) * zones + Math.min(zone, zones - 1);
      const scale = readScales(arrays.scale, scaleDtype)[at]!;
      const isSet = codeAt(arrays.signs, Math.ceil(covered.length / 8), row, i, 1) === 1;
      let value: number;
      if (layout.isZeroOne) value = isSet ? scale : 0;
      else {
        const factor = layout.hasColumnScale ? readScales(arrays.columnScale!, scaleDtype)[i]! : 1;
        const magnitude = fround(scale * factor);
        value = isSet ? magnitude : -magnitude;
        if (layout.hasMean) value = fround(value + readScales(arrays.mean!, scaleDtype)[at]!);
      }
      values[row * columns + column] = 0 + value;
    });
  }
  return values;
}

describe("runnableTerm", () => {
  it("is a sound plain term with the arrays of its layout", () => {
    fc.assert(
      fc.property(storedForm, (term) => {
        const runs = runnableTerm(term);
        expect(runs.layout).toEqual(runnableLayout(term.layout));
        expect(runnableLayout(runs.layout)).toBe(runs.layout);
        expect(["affine", "sparse", "sign"]).toContain(runs.layout.kind);
        checkTerm(runs);
        for (const spec of termArrays(runs.layout)) {
          expect(termArray(runs, spec.name).byteLength).toBe(arrayByteLength(spec));
        }
      }),
    );
  });

  it("has the weights of the stored form to the bit", () => {
    fc.assert(
      fc.property(storedForm, (term) => {
        const weights = decodeOne(term);
        expect(decodeOne(runnableTerm(term))).toEqual(weights);
        expect(weights).toEqual(byFormula(term));
      }),
      { numRuns: 300 },
    );
  });

  it("leaves a term that ops take as it is", () => {
    fc.assert(
      fc.property(arbitraryTerm, (term) => {
        const stored = runnableLayout(term.layout) !== term.layout;
        expect(runnableTerm(term) === term).toBe(!stored);
      }),
    );
  });

  it("is refused by ops until it is made", () => {
    const layout: MaskedLayout = {
      kind: "masked",
      rows: 1,
      columns: 8,
      count: 0,
      bits: 1,
      positions: "bitmap",
      scaleDtype: "F16",
    };
    const term: Term<MaskedLayout> = {
      layout,
      arrays: {
        positions: new Uint8Array(1),
        codes: new Uint8Array(0),
        scale: new Uint8Array(2),
        minimum: new Uint8Array(2),
      },
    };
    const refused = expect.objectContaining({ code: "terms/stored-form" });
    expect(() => backend.sparseDecode(term as never, new Float32Array(8))).toThrow(refused);
    const x = { values: new Float32Array(8), tokens: 1, columns: 8 };
    expect(() => backend.sparseMultiply(term as never, x, new Float32Array(1))).toThrow(refused);
  });
});

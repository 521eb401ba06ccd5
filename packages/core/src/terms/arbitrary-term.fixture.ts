import fc from "fast-check";
import { writeU16, writeU32 } from "./index-array.js";
import { writeScales } from "./scale-array.js";
import type { SignLayout } from "./sign.js";
import { indexDtype } from "./sparse.js";
import type { Granularity, ScaleDtype, Term, TermLayout } from "./term.js";
import { allocateTerm, termArray, termArrays } from "./term-arrays.js";

const scaleDtype = fc.constantFrom<ScaleDtype>("F16", "BF16", "F32");
const bits = fc.integer({ min: 1, max: 8 });

/** Which columns share a scale. */
function sharing(columns: number): fc.Arbitrary<{ granularity: Granularity; groupSize: number }> {
  return fc.oneof(
    fc.integer({ min: 1, max: columns + 3 }).map((groupSize) => ({ granularity: "group" as const, groupSize })),
    fc.constantFrom<Granularity>("row", "tensor").map((granularity) => ({ granularity, groupSize: columns })),
  );
}

type SignFeatures = Pick<SignLayout, "isZeroOne" | "hasMean" | "hasColumnScale">;

function layoutOf(rows: number, columns: number, covered: number): fc.Arbitrary<TermLayout> {
  const some = covered === columns ? {} : { coveredColumns: covered };
  const base = { rows, columns };
  return fc.oneof<fc.Arbitrary<TermLayout>[]>(
    fc
      .tuple(sharing(columns), bits, fc.constantFrom("midpoint", "integer", "float", "minimum"), scaleDtype)
      .map(([shared, b, zero, dtype]) => ({ kind: "affine", ...base, ...shared, bits: b, zero, scaleDtype: dtype })),
    fc
      .tuple(
        sharing(columns),
        fc
          .tuple(fc.integer({ min: 1, max: 4 }), fc.boolean())
          .filter(([zones, hasPruned]) => zones < 4 || (covered === columns && !hasPruned)),
        fc.constantFrom<SignFeatures>(
          { hasMean: false, hasColumnScale: false },
          { hasMean: true, hasColumnScale: false },
          { hasMean: false, hasColumnScale: true },
          { hasMean: true, hasColumnScale: true },
          { isZeroOne: true, hasMean: false, hasColumnScale: false },
        ),
        scaleDtype,
      )
      .map(([shared, [zones, hasPruned], features, dtype]) => ({
        kind: "sign",
        ...base,
        ...some,
        ...shared,
        zones,
        ...(hasPruned && { hasPruned }),
        ...features,
        scaleDtype: dtype,
      })),
    fc
      .tuple(fc.integer({ min: 1, max: columns + 3 }), bits, bits, bits, fc.integer({ min: 1, max: 4 }), scaleDtype)
      .map(([groupSize, b, scaleBits, zeroBits, rowsPerBlock, dtype]) => ({
        kind: "bilevel",
        ...base,
        bits: b,
        groupSize,
        scaleBits,
        zeroBits,
        rowsPerBlock,
        scaleDtype: dtype,
      })),
    fc
      .tuple(fc.nat(rows * columns), bits, fc.constantFrom("bitmap", "indices"), scaleDtype)
      .map(([count, b, positions, dtype]) => ({
        kind: "masked",
        ...base,
        count,
        bits: b,
        positions,
        scaleDtype: dtype,
      })),
    fc
      .tuple(sharing(columns), fc.constantFrom("two-bit", "base-3"), scaleDtype)
      .map(([shared, packing, dtype]) => ({ kind: "ternary", ...base, ...shared, packing, scaleDtype: dtype })),
    fc.tuple(sharing(columns), bits, scaleDtype).map(([shared, b, dtype]) => ({
      kind: "codebook",
      ...base,
      ...shared,
      bits: b,
      codebook: "random",
      scaleDtype: dtype,
    })),
    fc
      .tuple(fc.nat(rows * columns), fc.constantFrom("U16", "U32"), scaleDtype)
      .map(([count, indexDtype, valueDtype]) => ({ kind: "sparse", ...base, count, indexDtype, valueDtype })),
    scaleDtype.map((valueDtype) => ({ kind: "dense", ...base, ...some, valueDtype })),
  );
}

/** Layouts of any kind; rows may be 0. */
export const arbitraryLayout: fc.Arbitrary<TermLayout> = fc
  .record({
    rows: fc.nat(5),
    columns: fc.integer({ min: 1, max: 40 }),
    share: fc.double({ min: 0.02, max: 1, noNaN: true }),
  })
  .chain(({ rows, columns, share }) => layoutOf(rows, columns, Math.max(1, Math.round(columns * share))));

/** Terms of any kind with random contents. */
export const arbitraryTerm: fc.Arbitrary<Term> = fc
  .tuple(arbitraryLayout, fc.integer({ min: 1, max: 2 ** 31 - 2 }))
  .map(([layout, seed]) => randomTerm(layout, seed));

/** Filled by `fillPositions`. */
const POSITION_ARRAYS = ["rowStarts", "columnIndices", "positions"];

/** A term with sound random contents: any codes, finite scales, ascending columns. */
export function randomTerm(layout: TermLayout, seed: number): Term {
  const term = allocateTerm(layout);
  let state = seed;
  const next = () => {
    state = (state * 48271) % 2147483647; // Park–Miller
    return state;
  };
  for (const { name, dtype } of termArrays(layout)) {
    const array = termArray(term, name);
    if (dtype === "F16" || dtype === "BF16" || dtype === "F32") {
      const count = array.byteLength / (dtype === "F32" ? 4 : 2);
      writeScales(
        Array.from({ length: count }, () => (next() % 2001) / 1000 - 1),
        dtype,
        array,
      );
    } else if (name === "columns") {
      writeU32(ascending(next, array.byteLength / 4, layout.columns), array);
    } else if (!POSITION_ARRAYS.includes(name)) {
      for (let i = 0; i < array.length; i++) array[i] = next() & 255;
    }
  }
  if (layout.kind === "sparse" || layout.kind === "masked") fillPositions(term, layout, next);
  return term;
}

/** `count` different numbers below `limit`, ascending. */
function ascending(next: () => number, count: number, limit: number): number[] {
  const pool = Array.from({ length: limit }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + (next() % (limit - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count).sort((a, b) => a - b);
}

type CountedLayout = Extract<TermLayout, { kind: "sparse" | "masked" }>;

function fillPositions(term: Term, layout: CountedLayout, next: () => number): void {
  const positions = ascending(next, layout.count, layout.rows * layout.columns);
  if (layout.kind === "masked" && layout.positions === "bitmap") {
    const rowBytes = Math.ceil(layout.columns / 8);
    for (const position of positions) {
      const column = position % layout.columns;
      const byte = Math.floor(position / layout.columns) * rowBytes + (column >> 3);
      termArray(term, "positions")[byte]! |= 1 << (column & 7);
    }
    return;
  }
  const starts = new Array<number>(layout.rows + 1).fill(0);
  for (const position of positions) starts[Math.floor(position / layout.columns) + 1]!++;
  for (let row = 0; row < layout.rows; row++) starts[row + 1]! += starts[row]!;
  writeU32(starts, termArray(term, "rowStarts"));
  const dtype = layout.kind === "sparse" ? layout.indexDtype : indexDtype(layout.columns);
  const write = dtype === "U16" ? writeU16 : writeU32;
  write(
    positions.map((position) => position % layout.columns),
    termArray(term, "columnIndices"),
  );
}

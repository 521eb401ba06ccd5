import {
  allocateTerm,
  type SparseLayout,
  type Term,
  type TermLayout,
  termArray,
  termArrays,
  writeScales,
  writeU32,
} from "@lowbit/core/terms";
import { type RandomData, unaligned } from "./random-data.js";

/** Scales that arithmetic gets wrong first, as far as every scale dtype can hold them. */
const ODD_SCALES: readonly number[] = [0, 1, -1, 0.1, -0.1, 2 ** -24, 1023 * 2 ** -24, 65504, -65504];

/** A term with sound random contents: any codes, finite scales with odd ones among them, ascending columns. */
export function randomTerm<L extends TermLayout>(layout: L, random: RandomData): Term<L> {
  const term = allocateTerm(layout);
  for (const { name, dtype } of termArrays(layout)) {
    const array = termArray(term as unknown as Term, name);
    if (dtype === "F16" || dtype === "BF16" || dtype === "F32") {
      const count = array.byteLength / (dtype === "F32" ? 4 : 2);
      const scales = Array.from({ length: count }, () =>
        random.integer(0, 4) === 0 ? ODD_SCALES[random.integer(0, ODD_SCALES.length - 1)]! : 0.02 * random.normal(),
      );
      writeScales(scales, dtype, array);
    } else if (name === "columns") {
      writeU32(ascending(random, array.byteLength / 4, layout.columns), array);
    } else if (layout.kind !== "sparse") {
      array.set(random.bytes(array.length));
    }
  }
  if (layout.kind === "sparse") fillPositions(term as unknown as Term<SparseLayout>, random);
  return term;
}

/** The same term with every array at an odd address. */
export function unalignedTerm<L extends TermLayout>({ layout, arrays }: Term<L>): Term<L> {
  const moved = Object.entries(arrays).map(([name, array]) => [name, unaligned(array as Uint8Array, 1)]);
  return { layout, arrays: Object.fromEntries(moved) };
}

/** `count` different numbers below `limit`, ascending. */
function ascending(random: RandomData, count: number, limit: number): number[] {
  const pool = Array.from({ length: limit }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, limit - 1);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count).sort((a, b) => a - b);
}

function fillPositions({ layout, arrays }: Term<SparseLayout>, random: RandomData): void {
  const { rows, columns, count, indexDtype } = layout;
  const positions = ascending(random, count, rows * columns);
  const indices = positions.map((position) => position % columns);
  const Index = indexDtype === "U16" ? Uint16Array : Uint32Array;
  arrays.columnIndices.set(new Uint8Array(Index.from(indices).buffer));
  const starts = Array.from({ length: rows + 1 }, (_, row) => positions.filter((at) => at < row * columns).length);
  writeU32(starts, arrays.rowStarts);
}

import { type RandomData, unaligned } from "./random-data.js";

/** [rows, columns] of logits, columns around the widths of vectors. */
export const LOGIT_SHAPES: readonly (readonly [number, number])[] = [
  [1, 1],
  [5, 3],
  [4, 15],
  [4, 16],
  [4, 17],
  [3, 100],
  [0, 32],
  [40, 257],
  [1, 70_001],
];

/** Standard deviation 3. */
export function randomLogits(rows: number, columns: number, random: RandomData): Float32Array {
  return unaligned(
    Float32Array.from({ length: rows * columns }, () => 3 * random.normal()),
    4,
  );
}

export function randomTargets(rows: number, columns: number, random: RandomData): Uint32Array {
  return Uint32Array.from({ length: rows }, () => random.integer(0, columns - 1));
}

/** Rows of 18 logits: far apart, -∞, ∞ and NaN in the first lanes and in the rest behind a register. */
export function oddLogits(): { readonly values: Float32Array; readonly rows: number; readonly columns: number } {
  const { NaN: nan, POSITIVE_INFINITY: much, NEGATIVE_INFINITY: none } = Number;
  const columns = 18;
  const row = (fill: number, places: Readonly<Record<number, number>>) => {
    const logits = new Float32Array(columns).fill(fill);
    for (const [place, logit] of Object.entries(places)) logits[Number(place)] = logit;
    return logits;
  };
  const rows = [
    row(0, { 2: none, 17: none }),
    row(none, { 16: 1, 17: 2 }),
    row(none, { 0: 3 }),
    row(none, {}),
    row(-1e38, { 1: 3e38 }),
    row(3e38, { 1: 3.1e38 }),
    row(0, { 5: 80, 6: 120, 7: 200, 8: 1000 }),
    row(-200, { 3: -100 }),
    row(1, { 4: much }),
    row(none, { 4: much, 17: much }),
    row(1, { 0: nan }),
    row(1, { 17: nan }),
    row(none, { 1: nan }),
    row(nan, {}),
  ];
  const values = new Float32Array(rows.length * columns);
  for (const [i, logits] of rows.entries()) values.set(logits, i * columns);
  return { values, rows: rows.length, columns };
}

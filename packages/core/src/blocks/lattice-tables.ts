/** What the codes of a lattice type stand for: `bits` bits each, the highest of them the sign. */
export interface LatticeCodebook {
  readonly name: string;
  /** 3 where a point of the grid is eight weights, 4 where it is four. */
  readonly bits: 3 | 4;
  /** Values of codes: digits of a grid's points, then the same digits with the sign bit. */
  readonly table: readonly number[];
}

function withSigns(levels: readonly number[], places: number): readonly number[] {
  const padded = Array.from({ length: places }, (_, digit) => levels[digit] ?? 0);
  return [...padded, ...padded.map((level) => 0 - level)];
}

/** Digit 3 is never used. */
export const IQ2_CODEBOOK: LatticeCodebook = { name: "iq2", bits: 3, table: withSigns([8, 25, 43], 4) };
export const IQ3_XXS_CODEBOOK: LatticeCodebook = {
  name: "iq3-xxs",
  bits: 4,
  table: withSigns([4, 12, 20, 28, 36, 44, 52, 62], 8),
};
export const IQ3_S_CODEBOOK: LatticeCodebook = {
  name: "iq3-s",
  bits: 4,
  table: withSigns([1, 3, 5, 7, 9, 11, 13, 15], 8),
};
/** Digits −1, 0, 1 shifted up by 1/8, or with the sign bit down; digit 3 is never used. */
export const IQ1_CODEBOOK: LatticeCodebook = {
  name: "iq1",
  bits: 3,
  table: [-0.875, 0.125, 1.125, 0, -1.125, -0.125, 0.875, 0],
};

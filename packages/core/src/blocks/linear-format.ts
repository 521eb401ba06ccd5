/** Blocks of `w = d · level`, or `d · code + m`; d and m are f16. */
export interface LinearFormat {
  /** Kind of the term that blocks become. */
  readonly kind: "affine" | "sign" | "ternary";
  /** Bits of a code in the term. */
  readonly bits: number;
  readonly weights: number;
  readonly bytes: number;
  /** Codes are 0 … this. */
  readonly largestCode: number;
  /** Level of code 0, or that a minimum m stands behind d. */
  readonly firstLevel: number | "minimum";
  /** Distance of levels: 2 where they are −1 and +1. Absent: 1. */
  readonly step?: 2;
  /** Where d stands in a block. */
  readonly scaleAt: number;
  /** The codes of a block, one a byte from `from` on, into the block that starts at `to`. */
  packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void;
  /** The codes of all blocks into those of a term: `weights · bits / 8` bytes a block. */
  unpackCodes(blocks: Uint8Array, codes: Uint8Array): void;
}

/** What a rule chooses for the weights of one block. */
export interface LinearBlock {
  /** d as an f32. */
  scale: number;
  /** m as an f32, where there is one. */
  minimum: number;
  /** One a byte. */
  readonly codes: Uint8Array;
}

/** ggml's rule of a type: fills `block` for the weights from `from` on. */
export type LinearRule = (values: Float32Array, from: number, block: LinearBlock, format: LinearFormat) => void;

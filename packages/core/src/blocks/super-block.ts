/** Weights of a super-block. */
export const SUPER_BLOCK = 256;

/**
 * What the bytes of one super-block say: weight i = d · subScale · code − dmin · subMinimum, with the sub-scale and the
 * sub-minimum of its sub-block. For types without minimums the code counts from a midpoint, or picks from a codebook.
 */
export interface SuperBlock {
  /** Bits of the f16 d. */
  scale: number;
  /** Bits of the f16 dmin; 0 for types without. */
  minimum: number;
  /** One a sub-block. */
  readonly subScales: Int8Array;
  /** One a sub-block; zeros for types without. */
  readonly subMinimums: Uint8Array;
  /** One a byte, 256 of them. */
  readonly codes: Uint8Array;
}

/** Where a block type keeps the fields of a super-block. */
export interface SuperBlockFormat {
  /** Bytes of a block. */
  readonly bytes: number;
  /** Bits of a code. */
  readonly bits: number;
  /** Weights that share a sub-scale: 16 or 32. */
  readonly subBlock: number;
  /** Range of the sub-scales, and of the sub-minimums where there are any. */
  readonly subScales: { readonly low: number; readonly high: number };
  readonly hasMinimum: boolean;
  /** Present: what the codes stand for; else a uniform grid. */
  readonly levels?: readonly number[];
  /** Fills `fields` from the bytes that begin at `at`. */
  read(blocks: Uint8Array, at: number, fields: SuperBlock): void;
  /** Writes all bytes of the block. */
  write(fields: SuperBlock, blocks: Uint8Array, at: number): void;
}

export function emptySuperBlock({ subBlock }: SuperBlockFormat): SuperBlock {
  const count = SUPER_BLOCK / subBlock;
  return {
    scale: 0,
    minimum: 0,
    subScales: new Int8Array(count),
    subMinimums: new Uint8Array(count),
    codes: new Uint8Array(SUPER_BLOCK),
  };
}

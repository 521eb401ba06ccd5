/** How HQQ packs the rows of a matrix: not neighbours but blocks of rows lie on each other, the first in the highest bits. */
export interface Packing {
  /** Of a place for one code. */
  readonly bits: number;
  /** Bytes of a word. */
  readonly wordBytes: 1 | 4;
  /** Blocks of rows, codes in a word. */
  readonly blocks: number;
}

export const PACKINGS: Readonly<Record<string, Packing | undefined>> = {
  "8bit_u8": { bits: 8, wordBytes: 1, blocks: 1 },
  "4bit_u8": { bits: 4, wordBytes: 1, blocks: 2 },
  "3bit_32": { bits: 3, wordBytes: 4, blocks: 10 },
  "2bit_u8": { bits: 2, wordBytes: 1, blocks: 4 },
  "1bit_u8": { bits: 1, wordBytes: 1, blocks: 8 },
};

/** Bytes of the packed codes of a matrix [rows, columns]; the last block may be filled up. */
export function blockPackedBytes({ wordBytes, blocks }: Packing, rows: number, columns: number): number {
  return Math.ceil(rows / blocks) * columns * wordBytes;
}

/** Codes [rows, columns], one a byte. */
export function unpackBlocks(packed: Uint8Array, packing: Packing, rows: number, columns: number): Uint8Array {
  const { bits, wordBytes, blocks } = packing;
  const step = Math.ceil(rows / blocks);
  const mask = (1 << bits) - 1;
  const codes = new Uint8Array(rows * columns);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let block = 0; block < blocks; block++) {
    const shift = (blocks - 1 - block) * bits;
    const begin = block * step * columns;
    const end = Math.min(codes.length, begin + step * columns);
    for (let at = begin; at < end; at++) {
      const word = wordBytes === 1 ? packed[at - begin]! : view.getUint32(4 * (at - begin), true);
      codes[at] = (word >>> shift) & mask;
    }
  }
  return codes;
}

import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import type { BlockType } from "./block-type.js";
import { gridCodes, LatticeTerm } from "./lattice-codes.js";
import type { LatticeCodebook } from "./lattice-tables.js";

const WEIGHTS = 256;

/** Where a lattice type keeps points, signs and scales of its 256 weights. */
export interface LatticeFormat {
  /** Bytes of a block. */
  readonly bytes: number;
  /** Consecutive weights that share a scale. */
  readonly group: number;
  readonly codebook: LatticeCodebook;
  /** The points that a block chooses from, as lattice-grids.ts writes them. */
  readonly grid: string;
  /**
   * Writes scales and codes of the block that begins at byte `at`, group by group in the order of the weights; `points` is
   * the grid as codes (`gridCodes`).
   */
  unpackBlock(blocks: Uint8Array, at: number, points: Uint32Array, written: LatticeTerm): void;
}

/** A type that is only read: a codebook term, codes of a digit and its sign, one F32 scale a group. */
export function latticeType(name: BlockType["name"], id: number, format: LatticeFormat): BlockType {
  return {
    name,
    id,
    weights: WEIGHTS,
    bytes: format.bytes,
    layout: (rows, columns) => latticeLayout(format, rows, columns),
    unpack: (blocks, rows, columns) => unpackLattice(format, blocks, rows, columns),
  };
}

function latticeLayout({ codebook, group }: LatticeFormat, rows: number, columns: number): CodebookLayout {
  return {
    kind: "codebook",
    rows,
    columns,
    bits: codebook.bits,
    granularity: "group",
    groupSize: group,
    codebook: codebook.name,
    scaleDtype: "F32",
  };
}

function unpackLattice(format: LatticeFormat, blocks: Uint8Array, rows: number, columns: number): Term {
  const written = new LatticeTerm(latticeLayout(format, rows, columns), format.codebook.table);
  const points = gridCodes(format.grid, format.codebook.bits);
  for (let at = 0; at < blocks.length; at += format.bytes) format.unpackBlock(blocks, at, points, written);
  return written.term;
}

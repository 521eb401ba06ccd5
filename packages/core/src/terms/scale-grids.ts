import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { AffineLayout } from "./affine.js";
import type { BilevelLayout } from "./bilevel.js";
import { coveredColumns } from "./covered-columns.js";
import { groupCount } from "./granularity.js";
import { readU32 } from "./index-array.js";
import type { MaskedLayout } from "./masked.js";
import { runnableTerm } from "./runnable-term.js";
import { readScales } from "./scale-array.js";
import type { SignLayout } from "./sign.js";
import type { Granularity, Term, TermKind, TermLayout } from "./term.js";

/** Scales of a block of rows, as the weights are multiplied with them. */
export interface GridScales {
  /** [rows of the block, groups]; one row where all rows share them. NaN where no weight has this scale. */
  readonly scales: Float32Array;
  /** The same shape: see `ScaleGrid.zero`. */
  readonly zeros?: Float32Array;
}

/** One matrix of scales of a term, and how to read the rows of it that a term (or a part of one) holds. */
export interface ScaleGrid {
  /** What tells it from other grids of the term, empty where it is the only one: "zone 2 of 3", "columns". */
  readonly part: string;
  /** True: one row of scales for all rows. */
  readonly isShared: boolean;
  /** Scales a row. */
  readonly groups: number;
  /** Consecutive columns that share a scale; the last group may be shorter. */
  readonly groupSize: number;
  /** What `zeros` are: zero points in codes, the value of code 0, or the mean of a group. Absent: there are none. */
  readonly zero?: "zero point" | "minimum" | "mean";
  read(term: Term): GridScales;
}

type GridsOf<L extends TermLayout> = (layout: L) => readonly ScaleGrid[];

/** Grids of a term kind. Sparse and dense terms hold values as they are, without scales. */
const SCALE_GRIDS: { readonly [K in TermKind]: GridsOf<Extract<TermLayout, { readonly kind: K }>> } = {
  affine: affineGrids,
  bilevel: bilevelGrids,
  sign: signGrids,
  ternary: scaleOnly,
  codebook: scaleOnly,
  masked: maskedGrids,
  sparse: () => [],
  dense: () => [],
};

/** The scales that a term of this layout has, in a fixed order; empty for kinds without. */
export function scaleGrids(layout: TermLayout): readonly ScaleGrid[] {
  return (SCALE_GRIDS[layout.kind] as GridsOf<TermLayout>)(layout);
}

interface GroupedLayout {
  readonly columns: number;
  readonly granularity: Granularity;
  readonly groupSize: number;
}

function sharing({ columns, granularity, groupSize }: GroupedLayout): Omit<ScaleGrid, "part" | "read"> {
  return { isShared: granularity === "tensor", groups: groupCount(columns, groupSize), groupSize };
}

/** Arrays of a term by the layout that the grid was made for; `rows` are those of the term. */
function arraysOf<L extends TermLayout>(term: Term): Term<L>["arrays"] {
  return term.arrays as unknown as Term<L>["arrays"];
}

function scaleOnly(layout: Extract<TermLayout, { readonly kind: "ternary" | "codebook" }>): readonly ScaleGrid[] {
  const read = (term: Term): GridScales => ({
    scales: readScales(arraysOf<typeof layout>(term).scale, layout.scaleDtype),
  });
  return [{ part: "", ...sharing(layout), read }];
}

function affineGrids(layout: AffineLayout): readonly ScaleGrid[] {
  const grid = { part: "", ...sharing(layout), read: (term: Term) => affineScales(layout, term) };
  if (layout.zero === "midpoint") return [grid];
  return [{ ...grid, zero: layout.zero === "minimum" ? "minimum" : "zero point" }];
}

function affineScales(layout: AffineLayout, term: Term): GridScales {
  const { scale, zeroPoint, minimum } = arraysOf<AffineLayout>(term);
  const { scaleDtype } = layout;
  const scales = readScales(scale, scaleDtype);
  switch (layout.zero) {
    case "midpoint":
      return { scales };
    case "minimum":
      return { scales, zeros: readScales(minimum!, scaleDtype) };
    case "float":
      return { scales, zeros: readScales(zeroPoint!, scaleDtype) };
    case "integer": {
      const groups = groupCount(layout.columns, layout.groupSize);
      return { scales, zeros: unpackedRows(zeroPoint!, layout.bits, scales.length / groups, groups) };
    }
  }
}

function unpackedRows(packed: Uint8Array, bits: number, rows: number, count: number): Float32Array {
  const rowBytes = packedByteLength(count, bits);
  const codes = new Uint8Array(count);
  const values = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    unpackCodes(packed.subarray(row * rowBytes, (row + 1) * rowBytes), bits, count, codes);
    values.set(codes, row * count);
  }
  return values;
}

/** The scales and zero points that the codes of the second level stand for. */
function bilevelGrids({ columns, groupSize }: BilevelLayout): readonly ScaleGrid[] {
  const read = (term: Term): GridScales => {
    const plain = runnableTerm(term) as unknown as Term<AffineLayout>;
    return affineScales(plain.layout, plain as unknown as Term);
  };
  return [{ part: "", isShared: false, groups: groupCount(columns, groupSize), groupSize, zero: "zero point", read }];
}

/** One grid a zone (pruned weights have no scale), and the column scales of rank-one methods. */
function signGrids(layout: SignLayout): readonly ScaleGrid[] {
  const { zones, scaleDtype, hasMean } = layout;
  const grids = Array.from({ length: zones }, (_, zone): ScaleGrid => {
    const ofZone = (array: Uint8Array): Float32Array =>
      readScales(array, scaleDtype).filter((_value, i) => i % zones === zone);
    const read = (term: Term): GridScales => {
      const { scale, mean } = arraysOf<SignLayout>(term);
      return { scales: ofZone(scale), ...(hasMean && { zeros: ofZone(mean!) }) };
    };
    const part = zones > 1 ? `zone ${zone + 1} of ${zones}` : "";
    return { part, ...sharing(layout), ...(hasMean && { zero: "mean" as const }), read };
  });
  if (!layout.hasColumnScale) return grids;
  const read = (term: Term): GridScales => ({ scales: columnScales(layout, term) });
  return [...grids, { part: "columns", isShared: true, groups: layout.columns, groupSize: 1, read }];
}

/** At the columns of the matrix; NaN for those that the term does not cover. */
function columnScales(layout: SignLayout, term: Term): Float32Array {
  const { columnScale, columns } = arraysOf<SignLayout>(term);
  const given = readScales(columnScale!, layout.scaleDtype);
  if (layout.coveredColumns === undefined) return given;
  const all = new Float32Array(layout.columns).fill(Number.NaN);
  const places = readU32(columns!);
  for (let i = 0; i < coveredColumns(layout); i++) all[places[i]!] = given[i]!;
  return all;
}

/** A scale and a minimum a row, for its marked weights. */
function maskedGrids({ columns, scaleDtype }: MaskedLayout): readonly ScaleGrid[] {
  const read = (term: Term): GridScales => {
    const { scale, minimum } = arraysOf<MaskedLayout>(term);
    return { scales: readScales(scale, scaleDtype), zeros: readScales(minimum, scaleDtype) };
  };
  return [{ part: "", isShared: false, groups: 1, groupSize: columns, zero: "minimum", read }];
}

import { unpackTrits } from "../bitpack/pack-trits.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { AffineLayout } from "../terms/affine.js";
import { groupCount } from "../terms/granularity.js";
import { runnableTerm } from "../terms/runnable-term.js";
import { readScales } from "../terms/scale-array.js";
import { type SignLayout, zoneBits } from "../terms/sign.js";
import type { ScaleDtype, Term } from "../terms/term.js";
import type { TernaryLayout } from "../terms/ternary.js";
import type { LayoutRefusal } from "./layout-writer.js";

const { fround } = Math;

/**
 * A term as most layouts of other tools store one: w = f32(scale · level), level a whole number, to the bit. Level =
 * code − zero; a writer chooses bits and zero (`gridCodes`). G = ceil(columns / groupSize).
 *
 * blocks/linear-term.ts describes terms too, for GGUF blocks: those keep minimums and a scale per group as the term has
 * them and read one row of codes at a time, where these layouts need every level of the weight as a whole number first (to
 * choose one zero and one width for all) and so also take float zeros, pruned signs and minimums that lie on the grid.
 */
export interface AffineGrid {
  readonly rows: number;
  readonly columns: number;
  /** Consecutive columns that share a scale; the last group may be shorter. `columns` where a row has one scale. */
  readonly groupSize: number;
  /** [rows, columns] */
  readonly levels: Int16Array;
  /** [rows, G]; what it is stored in. */
  readonly scale: Float32Array;
  readonly scaleDtype: ScaleDtype;
  /** [rows, G]: the zero of the term itself, for its codes of `bits`; three levels are codes of 2 bits around 1. */
  readonly zero: Int16Array;
  readonly bits: number;
}

/** The grid of the terms of a weight, when they are one whose values lie on one. Transforms are not looked at. */
export function affineGrid(terms: readonly Term[]): AffineGrid | LayoutRefusal {
  if (terms.length !== 1) return { reason: `${terms.length} terms, where it stores one` };
  const { kind } = terms[0]!.layout;
  if (!GRID_KINDS.has(kind)) return { reason: `a ${kind} term, whose values lie on no even grid` };
  return gather(pointsOf(runnableTerm(terms[0]!)));
}

const GRID_KINDS: ReadonlySet<string> = new Set(["affine", "bilevel", "sign", "ternary"]);

/** What a group of a row is on the grid, or why it is not. */
type GroupPoint = { readonly scale: number; readonly zero: number; readonly levels: readonly number[] } | LayoutRefusal;

/** A term by groups and rows: `point(i)` for element i of its arrays [R, G], its levels by code. */
interface GridPoints {
  readonly layout: AffineLayout | SignLayout | TernaryLayout;
  readonly bits: number;
  point(index: number): GroupPoint;
  unpackRow(row: number, codes: Uint8Array): void;
}

function pointsOf(term: Term): GridPoints {
  switch (term.layout.kind) {
    case "affine":
      return affinePoints(term as unknown as Term<AffineLayout>);
    case "sign":
      return signPoints(term as unknown as Term<SignLayout>);
    default:
      return ternaryPoints(term as unknown as Term<TernaryLayout>);
  }
}

function gather({ layout, bits, point, unpackRow }: GridPoints): AffineGrid | LayoutRefusal {
  const { rows, columns, granularity, scaleDtype } = layout;
  const groupSize = Math.min(layout.groupSize, columns);
  const groups = groupCount(columns, groupSize);
  const levels = new Int16Array(rows * columns);
  const scale = new Float32Array(rows * groups);
  const zero = new Int16Array(rows * groups);
  const codes = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    unpackRow(row, codes);
    for (let group = 0; group < groups; group++) {
      const at = row * groups + group;
      const found = point(granularity === "tensor" ? group : at);
      if ("reason" in found) return found;
      scale[at] = found.scale;
      zero[at] = found.zero;
      const end = Math.min(columns, (group + 1) * groupSize);
      for (let c = group * groupSize; c < end; c++) levels[row * columns + c] = found.levels[codes[c]!]!;
    }
  }
  return { rows, columns, groupSize, levels, scale, scaleDtype, zero, bits };
}

function affinePoints({ layout, arrays }: Term<AffineLayout>): GridPoints {
  const { columns, bits, scaleDtype } = layout;
  const groups = groupCount(columns, layout.groupSize);
  const rowBytes = packedByteLength(columns, bits);
  const zeroBytes = packedByteLength(groups, bits);
  const scale = readScales(arrays.scale, scaleDtype);
  const floats = readScales(
    arrays.minimum ?? (layout.zero === "float" ? arrays.zeroPoint! : new Uint8Array()),
    scaleDtype,
  );
  const zeros = new Uint8Array(groups);
  let zeroRow = -1;
  return {
    layout,
    bits,
    point(index) {
      const s = scale[index]!;
      if (layout.zero === "minimum") return minimumPoint(s, floats[index]!, bits);
      if (layout.zero === "float") return wholeZero(s, floats[index]!, bits);
      if (layout.zero === "midpoint") return levelsAround(s, 2 ** (bits - 1), bits);
      const row = Math.floor(index / groups);
      if (row !== zeroRow) unpackCodes(arrays.zeroPoint!.subarray(row * zeroBytes), bits, groups, zeros);
      zeroRow = row;
      return levelsAround(s, zeros[index % groups]!, bits);
    },
    unpackRow: (row, codes) => unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes),
  };
}

function levelsAround(scale: number, zero: number, bits: number): GroupPoint {
  return { scale, zero, levels: Array.from({ length: 2 ** bits }, (_, code) => code - zero) };
}

/** Zeros further out leave no level that a code of 8 bits holds. */
const LARGEST_ZERO = 511;

function wholeZero(scale: number, zero: number, bits: number): GroupPoint {
  if (scale === 0) return levelsAround(0, 2 ** (bits - 1), bits);
  if (Number.isInteger(zero) && Math.abs(zero) <= LARGEST_ZERO) return levelsAround(scale, zero, bits);
  return { reason: `a zero point of ${zero}, where it stores whole numbers` };
}

/** scale · code + minimum, when every code gives what scale · (code − zero) gives. */
function minimumPoint(scale: number, minimum: number, bits: number): GroupPoint {
  // All weights of the group are the minimum: level 1 of a grid with that step.
  if (scale === 0) return { scale: minimum, zero: 0, levels: Array.from({ length: 2 ** bits }, () => 1) };
  const zero = -minimum / scale + 0;
  const point = wholeZero(scale, zero, bits);
  if ("reason" in point) return { reason: "minimums that are no multiples of their scales" };
  const isExact = point.levels.every((level, code) => fround(scale * level) === fround(fround(scale * code) + minimum));
  return isExact ? point : { reason: "scales and minimums whose sums are rounded" };
}

function ternaryPoints({ layout, arrays }: Term<TernaryLayout>): GridPoints {
  const { columns, packing, scaleDtype } = layout;
  const scale = readScales(arrays.scale, scaleDtype);
  const rowBytes = layout.rows === 0 ? 0 : arrays.digits.byteLength / layout.rows;
  const levels = [-1, 0, 1];
  return {
    layout,
    bits: 2,
    point: (index) => ({ scale: scale[index]!, zero: 1, levels }),
    unpackRow: (row, codes) => unpackTrits(arrays.digits.subarray(row * rowBytes), packing, codes.subarray(0, columns)),
  };
}

/** Signs with one zone, or with a second one that is 0 (pruned weights, columns that are not covered). */
function signPoints({ layout, arrays }: Term<SignLayout>): GridPoints {
  const { columns, zones, scaleDtype } = layout;
  const scale = readScales(arrays.scale, scaleDtype);
  const mean = layout.hasMean ? readScales(arrays.mean!, scaleDtype) : undefined;
  const [signBytes, mapBits] = [packedByteLength(columns, 1), zoneBits(zones)];
  const zone = new Uint8Array(columns);
  return {
    layout,
    bits: 2,
    point(index) {
      if (layout.hasColumnScale) return { reason: "scales of columns beside those of rows" };
      const [first, second] = [index * zones, index * zones + 1];
      if (zones > 2 || (zones === 2 && (scale[second] !== 0 || (mean?.[second] ?? 0) !== 0))) {
        return { reason: "magnitude zones, where it stores one scale a group" };
      }
      return twoLevels(fround((mean?.[first] ?? 0) - scale[first]!), fround((mean?.[first] ?? 0) + scale[first]!));
    },
    unpackRow(row, codes) {
      unpackCodes(arrays.signs.subarray(row * signBytes), 1, columns, codes);
      if (zones === 1) return;
      unpackCodes(arrays.zoneMap!.subarray(row * packedByteLength(columns, mapBits)), mapBits, columns, zone);
      for (let c = 0; c < columns; c++) if (zone[c] !== 0) codes[c] = OFF;
    },
  };
}

/** Code of a sign term for a weight that is 0. */
const OFF = 2;

/** Levels of a minus, a plus and a zero. */
function twoLevels(low: number, high: number): GroupPoint {
  if (low === -high) return { scale: high, zero: 1, levels: [-1, 1, 0] };
  if (low === 0) return { scale: high, zero: 1, levels: [0, 1, 0] };
  if (high === 0) return { scale: -low, zero: 1, levels: [-1, 0, 0] };
  if (low === high) return { scale: high, zero: 1, levels: [1, 1, 0] };
  return { reason: "signs around a mean" };
}

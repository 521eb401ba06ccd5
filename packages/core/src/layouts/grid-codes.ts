import { groupCount } from "../terms/granularity.js";
import { SCALE_BYTES, storeScale } from "../terms/scale-array.js";
import type { ScaleDtype } from "../terms/term.js";
import type { AffineGrid } from "./affine-grid.js";
import type { LayoutRefusal } from "./layout-writer.js";

/** A grid in codes of a width that a writer chose; G = ceil(columns / groupSize). */
export interface GridCodes {
  /** [rows, columns], one a byte. */
  readonly codes: Uint8Array;
  /** [rows, G]. */
  readonly zero: Uint8Array;
}

/** Which zeros a layout can hold for codes of its width. */
export interface ZeroRange {
  readonly smallest: number;
  readonly largest: number;
}

/**
 * The grid in codes of `bits`, each group with the zero of the term where it serves, with the nearest that does elsewhere.
 * @param zeros default 0 … 2^bits − 1; the middle alone, 2^(bits − 1), for a layout that stores no zeros
 */
export function gridCodes(grid: AffineGrid, bits: number, zeros?: ZeroRange): GridCodes | LayoutRefusal {
  const { rows, columns, groupSize, levels } = grid;
  const groups = groupCount(columns, groupSize);
  const top = 2 ** bits - 1;
  const { smallest, largest } = zeros ?? { smallest: 0, largest: top };
  const codes = new Uint8Array(rows * columns);
  const zero = new Uint8Array(rows * groups);
  for (let at = 0; at < zero.length; at++) {
    const row = Math.floor(at / groups);
    const begin = row * columns + (at % groups) * groupSize;
    const end = Math.min(begin + groupSize, (row + 1) * columns);
    let [low, high] = [levels[begin]!, levels[begin]!];
    for (let i = begin + 1; i < end; i++) {
      low = Math.min(low, levels[i]!);
      high = Math.max(high, levels[i]!);
    }
    // Codes level + zero stay in 0 … top.
    const [from, to] = [Math.max(smallest, -low), Math.min(largest, top - high)];
    if (from > to)
      return { reason: `levels from ${low} to ${high}, where it stores ${rangeText(bits, smallest, largest)}` };
    const chosen = Math.min(Math.max(grid.zero[at]!, from), to);
    zero[at] = chosen;
    for (let i = begin; i < end; i++) codes[i] = levels[i]! + chosen;
  }
  return { codes, zero };
}

function rangeText(bits: number, smallest: number, largest: number): string {
  const top = 2 ** bits - 1;
  if (smallest === largest) return `${-smallest} to ${top - smallest}`;
  return `${top + 1} in a row, of zeros from ${smallest} to ${largest}`;
}

/** Scales of a grid in a dtype, [rows, G]. */
export interface GridScales {
  readonly data: Uint8Array;
  readonly isExact: boolean;
}

/** Every scale rounded to `dtype`, unless one would become infinite. */
export function gridScales({ scale }: AffineGrid, dtype: ScaleDtype): GridScales | LayoutRefusal {
  const data = new Uint8Array(scale.length * SCALE_BYTES[dtype]);
  let isExact = true;
  for (let i = 0; i < scale.length; i++) {
    const stored = storeScale(data, dtype, i, scale[i]!);
    if (!Number.isFinite(stored)) return { reason: `a scale of ${scale[i]}, where it stores ${dtype}` };
    if (stored !== scale[i]) isExact = false;
  }
  return { data, isExact };
}

/**
 * The grid in groups of a size that a layout takes: the same one, the row for a row, or parts of it that share its scale.
 * @param sizes that the clients of the layout take, ascending
 */
export function splitGroups(grid: AffineGrid, sizes: readonly number[]): AffineGrid | LayoutRefusal {
  const { rows, columns, groupSize } = grid;
  if (groupSize === columns || sizes.includes(groupSize)) return grid;
  const size = sizes.findLast((candidate) => groupSize % candidate === 0);
  if (size === undefined) return { reason: `groups of ${groupSize}, where its clients take ${sizes.join(", ")}` };
  const [before, after] = [groupCount(columns, groupSize), groupCount(columns, size)];
  const spread = <A extends Float32Array | Int16Array>(from: A, to: A): A => {
    for (let at = 0; at < to.length; at++) {
      to[at] = from[Math.floor(at / after) * before + Math.floor(((at % after) * size) / groupSize)]!;
    }
    return to;
  };
  return {
    ...grid,
    groupSize: size,
    scale: spread(grid.scale, new Float32Array(rows * after)),
    zero: spread(grid.zero, new Int16Array(rows * after)),
  };
}

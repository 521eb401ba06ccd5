import type { AffineFitOptions } from "../backend/ops/fit-ops.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { MatrixShape } from "../tensor/row-block.js";
import type { AffineLayout } from "../terms/affine.js";
import type { ScaleDtype } from "../terms/term.js";
import type { GroupOption, OptionTable } from "./option-table.js";
import { SCALE_DTYPE_OPTION, scaleBits, scaleSharing } from "./scale-options.js";

/** Options of uniform grids, the same for every method that fits them. */
export interface AffineGridOptions {
  readonly zero: "symmetric" | "integer" | "float" | "minimum";
  readonly includeZero: boolean;
  readonly shrink: number;
  readonly shrinkExponent: number;
  readonly scaleDtype: ScaleDtype;
}

const DEFAULT_SHRINK_EXPONENT = 2.4;

export const AFFINE_GRID_OPTIONS: OptionTable<AffineGridOptions> = {
  zero: {
    kind: "choice",
    default: "integer",
    choices: ["symmetric", "integer", "float", "minimum"],
    help: "Where the grid lies: around 0, or by a zero point of as many bits as a code, a zero point in the scale dtype, or the smallest weight.",
  },
  includeZero: {
    kind: "boolean",
    default: false,
    help: "Widen the range of each group so that it holds 0; with zero integer it always does.",
  },
  shrink: {
    kind: "integer",
    default: 1,
    minimum: 1,
    maximum: 100,
    help: "Candidates of the search for a smaller range, each 1 % of it smaller than the one before; 1: the full range, no search.",
  },
  shrinkExponent: {
    kind: "number",
    default: DEFAULT_SHRINK_EXPONENT,
    minimum: 1,
    maximum: 4,
    help: "Exponent of the error that the search makes smallest.",
  },
  scaleDtype: SCALE_DTYPE_OPTION,
};

/** @throws `options/conflict` */
export function checkAffineGridOptions(
  method: string,
  { zero, includeZero, shrink, shrinkExponent }: AffineGridOptions,
): void {
  if (zero === "symmetric" && includeZero) {
    throw optionConflict(method, "zero symmetric", "includeZero", "its grid always holds 0");
  }
  if (shrink === 1 && shrinkExponent !== DEFAULT_SHRINK_EXPONENT) {
    throw optionConflict(method, "shrinkExponent", "shrink 1", "there is no search without candidates");
  }
}

export function affineLayout(
  { rows, columns }: MatrixShape,
  {
    bits,
    group,
    zero,
    scaleDtype,
  }: Pick<AffineGridOptions, "zero" | "scaleDtype"> & { readonly bits: number; readonly group: GroupOption },
): AffineLayout {
  const form = zero === "symmetric" ? "midpoint" : zero;
  return { kind: "affine", rows, columns, bits, ...scaleSharing(group, columns), zero: form, scaleDtype };
}

/** Bits of a code and its share of scale and zero point: b + (16 + b) / g with F16 scales and integer zero points. */
export function claimedAffineBits({ bits, groupSize, zero, scaleDtype }: AffineLayout): number {
  const zeroBits = zero === "midpoint" ? 0 : zero === "integer" ? bits : scaleBits(scaleDtype);
  return bits + (scaleBits(scaleDtype) + zeroBits) / groupSize;
}

/** What `affineFit` takes. */
export function affineFitOptions({ includeZero, shrink, shrinkExponent }: AffineGridOptions): AffineFitOptions {
  return { includeZero, ...(shrink > 1 && { shrink: { steps: shrink, exponent: shrinkExponent } }) };
}

/** Two options that exclude each other. */
export function optionConflict(method: string, one: string, other: string, why: string): LowbitError {
  return new LowbitError("options/conflict", `Method "${method}": ${one} and ${other} exclude each other: ${why}.`, {
    method,
    options: [one, other],
  });
}

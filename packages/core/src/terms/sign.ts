import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { LowbitError } from "../errors/lowbit-error.js";
import { COVERED_COLUMNS_FIELD, checkCoveredColumns, coveredColumns } from "./covered-columns.js";
import { checkGroupSize, describeSharing, groupCount, scaleRows } from "./granularity.js";
import {
  checkTermFields,
  GRANULARITY_FIELD,
  GROUP_SIZE_FIELD,
  type LayoutFields,
  SCALE_DTYPE_FIELD,
} from "./layout-fields.js";

import type { Granularity, ScaleDtype, TermArraySpec } from "./term.js";

/**
 * ±1 codes with scales. Over the columns that the term covers:
 *
 *     w = scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]
 *
 * `columnScale` (rank-one methods), `mean` and `zoneMap` are optional: without them factor 1, summand 0, zone 0.
 * With `isZeroOne` the codes are 0 and 1: `w = h · (±1) + h`, h = f32(scale / 2), so scale or 0.
 *
 * Ops take full-width terms of ±1 (`runsAs`, sign-full-width.ts).
 */
export interface SignLayout {
  readonly kind: "sign";
  readonly rows: number;
  /** Columns of the matrix. */
  readonly columns: number;
  /** How many columns the term covers when it covers only some (array `columns` names them); absent: all. */
  readonly coveredColumns?: number;
  readonly granularity: Granularity;
  /**
   * Consecutive columns of the matrix, covered or not, that share a scale; the last group may be shorter. So that blocks of
   * columns may have unequal numbers of covered ones.
   */
  readonly groupSize: number;
  /** Magnitude zones with a scale each, 1 to 4; 1 to 3 with pruned weights or where the term covers only some columns. */
  readonly zones: number;
  /** Zone number `zones` marks weights that are 0 (STBLLM); it has no scale and no mean. Absent: false. */
  readonly hasPruned?: boolean;
  /** Codes are 0 and 1 instead of −1 and +1 (DB-LLM); absent: false. Without mean and column scale. */
  readonly isZeroOne?: boolean;
  readonly hasMean: boolean;
  readonly hasColumnScale: boolean;
  readonly scaleDtype: ScaleDtype;
}

/** C = covered columns, G = ceil(columns / groupSize), Z = zones; R is 1 for scale and mean when granularity is "tensor". */
export interface SignArrays {
  /** U8 [rows, ceil(C/8)], lowest bit first: 1 is +1, 0 is −1 (0 with `isZeroOne`). sign(0) and sign(−0) are +1. */
  readonly signs: Uint8Array;
  /** scaleDtype [R, G, Z]. */
  readonly scale: Uint8Array;
  /** scaleDtype [R, G, Z]. */
  readonly mean?: Uint8Array;
  /** scaleDtype [C]. */
  readonly columnScale?: Uint8Array;
  /**
   * U8 [rows, ceil(C·zoneBits/8)], zoneBits = ceil(log2 Z), Z + 1 with `hasPruned`, lowest bits first; a number beyond the
   * last is the last.
   */
  readonly zoneMap?: Uint8Array;
  /** U32 [C], ascending column numbers. */
  readonly columns?: Uint8Array;
}

const MAX_ZONES = 4;

const SIGN_FIELDS: LayoutFields<SignLayout> = {
  coveredColumns: COVERED_COLUMNS_FIELD,
  granularity: GRANULARITY_FIELD,
  groupSize: GROUP_SIZE_FIELD,
  zones: { type: "integer", minimum: 1, maximum: MAX_ZONES },
  hasPruned: { type: "boolean", optional: true },
  isZeroOne: { type: "boolean", optional: true },
  hasMean: { type: "boolean" },
  hasColumnScale: { type: "boolean" },
  scaleDtype: SCALE_DTYPE_FIELD,
};

export function validateSign(layout: SignLayout): void {
  checkTermFields(layout, SIGN_FIELDS);
  checkCoveredColumns(layout);
  checkGroupSize(layout, layout.columns);
  // Pruned weights and columns that are not covered are the fourth zone when the term runs.
  const hasZeros = layout.hasPruned || layout.coveredColumns !== undefined;
  if (hasZeros && layout.zones === MAX_ZONES) {
    refuseField("zones", layout.zones, "1 to 3 with pruned weights or where only some columns are covered");
  }
  if (layout.isZeroOne && layout.hasMean) refuseField("hasMean", true, "false with isZeroOne");
  if (layout.isZeroOne && layout.hasColumnScale) refuseField("hasColumnScale", true, "false with isZeroOne");
}

function refuseField(field: keyof SignLayout, found: number | boolean, allowed: string): never {
  throw new LowbitError("terms/invalid-field", `Field "${field}" of the sign term is ${found}; allowed: ${allowed}.`, {
    kind: "sign",
    field,
    found,
    allowed,
  });
}

/** Bits of a zone number: 0, 1, 2, 2 for 1, 2, 3, 4 zones. */
export function zoneBits(zones: number): number {
  return Math.ceil(Math.log2(zones));
}

/** Numbers that a zone map may hold: the zones, and that of pruned weights. */
export function mappedZones({ zones, hasPruned }: SignLayout): number {
  return zones + (hasPruned ? 1 : 0);
}

export function signArrays(layout: SignLayout): readonly TermArraySpec[] {
  const { rows, zones, scaleDtype } = layout;
  const covered = coveredColumns(layout);
  const perZone = {
    dtype: scaleDtype,
    shape: [scaleRows(layout), groupCount(layout.columns, layout.groupSize), zones],
    perRow: layout.granularity !== "tensor",
  } as const;
  const arrays: TermArraySpec[] = [
    { name: "signs", dtype: "U8", shape: [rows, packedByteLength(covered, 1)], perRow: true },
    { name: "scale", ...perZone },
  ];
  if (layout.hasMean) arrays.push({ name: "mean", ...perZone });
  if (layout.hasColumnScale) arrays.push({ name: "columnScale", dtype: scaleDtype, shape: [covered], perRow: false });
  const mapped = mappedZones(layout);
  if (mapped > 1) {
    arrays.push({
      name: "zoneMap",
      dtype: "U8",
      shape: [rows, packedByteLength(covered, zoneBits(mapped))],
      perRow: true,
    });
  }
  if (layout.coveredColumns !== undefined) {
    arrays.push({ name: "columns", dtype: "U32", shape: [covered], perRow: false });
  }
  return arrays;
}

export function describeSign(layout: SignLayout): string {
  const parts = [`${layout.isZeroOne ? "zero-one" : "sign"}, ${describeSharing(layout)}`];
  if (layout.coveredColumns !== undefined) parts.push(`${layout.coveredColumns} of ${layout.columns} columns`);
  if (layout.zones > 1) parts.push(`${layout.zones} zones`);
  if (layout.hasPruned) parts.push("pruned weights");
  if (layout.hasMean) parts.push("mean");
  if (layout.hasColumnScale) parts.push("column scales");
  parts.push(`${layout.scaleDtype} scales`);
  return parts.join(", ");
}

import { LowbitError } from "../errors/lowbit-error.js";
import type { Granularity } from "./term.js";

/** The fields that say which weights share a scale. */
export interface ScaleSharing {
  readonly kind: string;
  readonly rows: number;
  readonly granularity: Granularity;
  readonly groupSize: number;
}

/** Groups in a row of `columns`, the shorter last one included. */
export function groupCount(columns: number, groupSize: number): number {
  return Math.ceil(columns / groupSize);
}

/** Rows of the scale arrays: 1 when the whole tensor shares one scale. */
export function scaleRows(layout: ScaleSharing): number {
  return layout.granularity === "tensor" ? 1 : layout.rows;
}

/** @throws `terms/invalid-field` when a row or tensor scale comes with groups shorter than the row. */
export function checkGroupSize(layout: ScaleSharing, columns: number): void {
  if (layout.granularity === "group" || layout.groupSize === columns) return;
  throw new LowbitError(
    "terms/invalid-field",
    `Field "groupSize" of the ${layout.kind} term is ${layout.groupSize}; with granularity "${layout.granularity}" it must be ${columns}, the number of columns.`,
    { kind: layout.kind, field: "groupSize", found: layout.groupSize, allowed: columns },
  );
}

/** "groups of 32", "rows", "tensor": for summaries. */
export function describeSharing(layout: ScaleSharing): string {
  if (layout.granularity === "group") return `groups of ${layout.groupSize}`;
  return layout.granularity === "row" ? "one scale a row" : "one scale";
}

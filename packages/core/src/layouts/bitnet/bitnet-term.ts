import type { TernaryLayout } from "../../terms/ternary.js";

/** What a BitNet checkpoint stores: −1, 0 and 1 with one scale for the weight. */
export function bitnetTerm(rows: number, columns: number): TernaryLayout {
  return {
    kind: "ternary",
    rows,
    columns,
    granularity: "tensor",
    groupSize: columns,
    packing: "two-bit",
    scaleDtype: "F32",
  };
}

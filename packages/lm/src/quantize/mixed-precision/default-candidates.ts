import type { Candidate } from "./candidate.js";

/** Bits and groups of uniform grids. */
const GRIDS: readonly (readonly [bits: number, groups: readonly (number | "row")[]])[] = [
  [2, ["row", 128, 64]],
  [3, ["row", 128, 64]],
  [4, ["row", 128, 64]],
  [5, ["row", 64]],
  [6, ["row"]],
  [8, ["row"]],
];

/**
 * What `--target-bpw` chooses from where no candidates are given, 1.1 to 8.1 stored bits. Methods that need only a Hessian
 * and store as many bits as shape and options say, so that what was chosen is what comes out; of these, the ones that were
 * chosen for the bundled model at targets from 1.5 to 2.6 bits, and uniform grids above.
 */
export const DEFAULT_CANDIDATES: readonly Candidate[] = [
  { method: "gptqt", options: { bits: 1, group: "row" } },
  { method: "arb-llm", options: { variant: "x", columnGroupBitmap: false } },
  { method: "gptqt", options: { bits: 2, group: "row", actOrder: true } },
  { method: "gptqt", options: { bits: 3, group: "row", actOrder: true } },
  ...GRIDS.flatMap(([bits, groups]) =>
    groups.map(
      (group): Candidate => ({
        method: "gptq",
        options: { bits, group, ...(group !== "row" && { staticGroups: true }), ...(bits <= 4 && { shrink: 80 }) },
      }),
    ),
  ),
];

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BEGIN_STATE, readTensorState, stateOfWeight, type TensorState } from "./tensor-state.js";

const FULL: TensorState = {
  weight: "w",
  comparedWith: "/other",
  viewport: { row: 1, rows: 2.5, column: 3, columns: 4 },
  cursor: { row: 5, column: 6 },
  side: { kind: "trial", trial: "t1" },
  shading: "error",
  rule: { kind: "quantile", share: 0.99 },
  colors: "viridis",
  logarithmicMap: false,
  rangeOfWindow: true,
  markOutliers: true,
  logarithmicCounts: true,
  scrollTop: 120,
};

describe("readTensorState", () => {
  it("reads what was written", () => {
    expect(readTensorState(JSON.parse(JSON.stringify(FULL)))).toEqual(FULL);
    expect(readTensorState(BEGIN_STATE)).toEqual(BEGIN_STATE);
  });

  it("begins anew for what is not of its shape, part by part", () => {
    for (const kept of [undefined, null, 7, "x", [], {}]) expect(readTensorState(kept)).toEqual(BEGIN_STATE);
    const odd = {
      ...FULL,
      viewport: { row: -1, rows: 2 },
      cursor: { row: "1" },
      rule: { kind: "sigma" },
      side: 3,
      shading: "x",
    };
    const read = readTensorState(odd);
    expect(read).not.toHaveProperty("viewport");
    expect(read).not.toHaveProperty("cursor");
    expect(read).not.toHaveProperty("rule");
    expect([read.side, read.shading, read.colors]).toEqual([{ kind: "own" }, "sigma", "viridis"]);
  });

  it("takes anything, and takes its own answer as it is", () => {
    fc.assert(
      fc.property(fc.anything(), (kept) => {
        const read = readTensorState(kept);
        expect(readTensorState(read)).toEqual(read);
      }),
    );
  });
});

describe("stateOfWeight", () => {
  it("keeps preferences, and forgets places in another weight", () => {
    expect(stateOfWeight(FULL, "w")).toBe(FULL);
    const other = stateOfWeight(FULL, "v");
    expect(other).toMatchObject({ weight: "v", side: { kind: "own" }, colors: "viridis", scrollTop: 0 });
    expect(other).not.toHaveProperty("viewport");
    expect(other).not.toHaveProperty("cursor");
    expect(stateOfWeight({ ...FULL, side: { kind: "compared" } }, "v").side).toEqual({ kind: "compared" });
  });
});

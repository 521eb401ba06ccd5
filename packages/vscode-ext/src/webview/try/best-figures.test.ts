import { describe, expect, it } from "vitest";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { bestTrials } from "./best-figures.js";

const result = (trial: string, sqnrDb: number, seconds: number): TrialResult =>
  ({ trial, sqnrDb, seconds }) as unknown as TrialResult;

describe("bestTrials", () => {
  it("takes the largest ratio and the shortest time", () => {
    const results = [result("a", 10, 1), result("b", 20, 2), result("c", 15, 1)];
    expect([...bestTrials(results, "sqnrDb")]).toEqual(["b"]);
    expect([...bestTrials(results, "seconds")]).toEqual(["a", "c"]);
  });

  it("names none where there is nothing to choose", () => {
    expect(bestTrials([], "sqnrDb").size).toBe(0);
    expect(bestTrials([result("a", 10, 1)], "sqnrDb").size).toBe(0);
    expect(bestTrials([result("a", 10, 1), result("b", 10, 2)], "sqnrDb").size).toBe(0);
  });

  it("passes over what is no number", () => {
    expect([...bestTrials([result("a", Number.NaN, 1), result("b", -3, 2)], "sqnrDb")]).toEqual(["b"]);
  });
});

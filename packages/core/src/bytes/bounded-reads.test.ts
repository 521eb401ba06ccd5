import { describe, expect, it } from "vitest";
import { mapBounded } from "./bounded-reads.js";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("mapBounded", () => {
  it("keeps order and the limit", async () => {
    let underWay = 0;
    let most = 0;
    const results = await mapBounded([3, 1, 2, 5, 4], 2, async (item, index) => {
      most = Math.max(most, ++underWay);
      for (let waited = 0; waited < item; waited++) await turn();
      underWay--;
      return `${index}:${item}`;
    });
    expect(results).toEqual(["0:3", "1:1", "2:2", "3:5", "4:4"]);
    expect(most).toBe(2);
  });

  it("throws the first failure after everything under way has settled, and begins nothing new", async () => {
    const begun: number[] = [];
    const settled: number[] = [];
    const failing = mapBounded([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error("first");
      await turn();
      settled.push(item);
    });
    await expect(failing).rejects.toThrow("first");
    expect(begun).toEqual([0, 1]);
    expect(settled).toEqual([1]);
  });

  it("does nothing for no items", async () => {
    expect(await mapBounded([], 4, async () => 1)).toEqual([]);
  });
});

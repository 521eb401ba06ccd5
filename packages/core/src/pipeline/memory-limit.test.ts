import { describe, expect, it } from "vitest";
import { estimatePeakMemory, threadsWithinMemory } from "./memory-limit.js";
import { workspaceByteLength } from "./workspace.js";

const SIZES = { rawBytes: 2 ** 18, blockWeights: 2 ** 17, blockRows: 32, termBytes: 2 ** 20 };

describe("threadsWithinMemory", () => {
  it("keeps the wished number where there is no limit or enough memory", () => {
    expect(threadsWithinMemory(SIZES, 8, undefined)).toBe(8);
    expect(threadsWithinMemory(SIZES, 8, estimatePeakMemory(SIZES, 8))).toBe(8);
  });

  it("takes fewer where the buffers of all would not fit", () => {
    expect(threadsWithinMemory(SIZES, 8, estimatePeakMemory(SIZES, 8) - 1)).toBe(7);
    expect(threadsWithinMemory(SIZES, 8, estimatePeakMemory(SIZES, 1))).toBe(1);
  });

  it("refuses less than one thread needs, and states that amount", () => {
    const minimum = estimatePeakMemory(SIZES, 1);
    expect(() => threadsWithinMemory(SIZES, 8, minimum - 1)).toThrowError(
      expect.objectContaining({ code: "pipeline/memory-limit", facts: { found: minimum - 1, minimum } }),
    );
    expect(minimum).toBeGreaterThan(workspaceByteLength(SIZES));
  });
});

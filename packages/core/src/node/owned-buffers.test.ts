import { describe, expect, it } from "vitest";
import { ownedBuffers } from "./owned-buffers.js";

describe("ownedBuffers", () => {
  it("finds the arrays of partial results", () => {
    const partials = [
      { columnSums: new Float64Array(3), rowSquares: 2 },
      { columnSums: new Float64Array(4), rowSquares: 1 },
    ];
    expect(ownedBuffers(partials)).toEqual(partials.map(({ columnSums }) => columnSums.buffer));
  });

  it("leaves out parts of larger and shared memory", () => {
    const memory = new Uint8Array(10);
    expect(ownedBuffers([memory.subarray(2), new Uint8Array(new SharedArrayBuffer(4)), 5, null, "text"])).toEqual([]);
  });
});

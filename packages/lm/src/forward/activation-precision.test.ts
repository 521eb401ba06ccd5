import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import type { ActivationBits } from "./activation-precision.js";
import { ComputeOps } from "./compute-ops.js";

describe("activation bits", () => {
  it("refuses what has no integer codes", () => {
    const backend = createReferenceBackend();
    for (const bits of [0, 5, 16, Number.NaN]) {
      expect(() => new ComputeOps(backend, { activationBits: bits as ActivationBits })).toThrow(
        expect.objectContaining({ code: "model/invalid-option" }),
      );
    }
    for (const bits of [4, 8] as const) expect(new ComputeOps(backend, { activationBits: bits })).toBeDefined();
  });
});

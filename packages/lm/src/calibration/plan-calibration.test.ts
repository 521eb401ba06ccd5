import { describe, expect, it } from "vitest";
import { randomModel } from "../generate/random-model.fixture.js";
import { describeBlock } from "../model/block-description.js";
import type { ModelSource } from "../model/language-model.js";
import { planCalibration } from "./plan-calibration.js";

const model = randomModel();
/** Only what a plan looks at. */
const source = {
  config: model.config,
  describeBlock: (index: number) => describeBlock(model.blocks[index]!, 1000 * (index + 1)),
} as unknown as ModelSource;
const set = { samples: 8, length: 16 };

// Two blocks; inputs of 32, 32, 32 and 48 features; 32 × 32 + 2 · 16 × 32 + 32 × 32 + 3 · 48 × 32 weights.
const TRIANGLES = 3 * ((32 * 33) / 2) + (48 * 49) / 2;
const WEIGHTS = 2 * (32 * 32 + 16 * 32) + 3 * 48 * 32;

describe("planCalibration", () => {
  it("counts the file: inputs once a group, gradients once a weight", () => {
    const plan = (kinds: Parameters<typeof planCalibration>[2]["kinds"], dtype: "F32" | "F64") =>
      planCalibration(source, set, { kinds, dtype }).fileBytes;
    expect(plan(["hessian"], "F32")).toBe(2 * 4 * TRIANGLES);
    expect(plan(["mean-abs", "mean-square"], "F64")).toBe(2 * 2 * 8 * (3 * 32 + 48));
    expect(plan(["gradient-abs"], "F32")).toBe(2 * 4 * WEIGHTS);
    expect(plan(["hessian", "gradient-abs", "gradient-square"], "F32")).toBe(2 * 4 * (TRIANGLES + 2 * WEIGHTS));
  });

  it("has only the phases that are needed", () => {
    const inputs = planCalibration(source, set, { kinds: ["mean-abs"], dtype: "F32" });
    expect([inputs.inputs, inputs.gradients]).toEqual([expect.anything(), undefined]);
    const gradients = planCalibration(source, set, { kinds: ["gradient-square"], dtype: "F32" });
    expect([gradients.inputs, gradients.gradients]).toEqual([undefined, expect.anything()]);
  });

  it("keeps the activations of all samples in memory where they fit, and not where they do not", () => {
    const options = { kinds: ["hessian"], dtype: "F32" } as const;
    const free = planCalibration(source, set, options);
    expect(free.inputs).toMatchObject({ activations: 8 * 16 * 32 * 4, activationsOnDisk: false });
    const limit = free.peakMemory;
    expect(planCalibration(source, set, { ...options, maxMemory: limit }).inputs!.activationsOnDisk).toBe(false);
    const tight = planCalibration(source, set, { ...options, maxMemory: limit - 1 });
    expect(tight.inputs!.activationsOnDisk).toBe(true);
    expect(tight.peakMemory).toBe(limit - free.inputs!.activations);
  });

  it("names the least memory, which is enough", () => {
    for (const kinds of [["hessian"], ["gradient-abs"], ["hessian", "gradient-abs"]] as const) {
      let minimum = 0;
      try {
        planCalibration(source, set, { kinds, dtype: "F32", maxMemory: 5 });
      } catch (error) {
        expect(error).toMatchObject({ code: "calibration/memory-limit", facts: { found: 5 } });
        ({ minimum } = (error as { facts: { minimum: number } }).facts);
      }
      expect(planCalibration(source, set, { kinds, dtype: "F32", maxMemory: minimum }).peakMemory).toBe(minimum);
      expect(() => planCalibration(source, set, { kinds, dtype: "F32", maxMemory: minimum - 1 })).toThrow("at least");
    }
  });

  it("refuses samples longer than the context", () => {
    expect(() => planCalibration(source, { samples: 1, length: 97 }, { kinds: ["hessian"], dtype: "F32" })).toThrow(
      "allowed are integers from 1 to 96",
    );
  });
});

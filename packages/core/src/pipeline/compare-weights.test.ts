import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import { compareBytes } from "./compare-bytes.js";
import { compareStructure } from "./compare-structure.js";
import { type ComparedWeight, compareWeights } from "./compare-weights.js";
import { f32Tensor, memoryCheckpoint, noise } from "./memory-checkpoint.fixture.js";
import type { ProgressEvent } from "./progress.js";
import { trialQuantization } from "./trial-quantization.js";

const backend = createReferenceBackend();
const ids = (last: number) =>
  ({ name: "ids", dtype: "I32", shape: [2], data: Uint8Array.of(1, 0, 0, 0, 2, 0, 0, last) }) as const;
const values = noise(40 * 32);

describe("compareStructure", () => {
  it("tells from the headers what is missing and what differs, and pairs the rest", async () => {
    const zeros = (name: string, shape: readonly number[]) =>
      f32Tensor(name, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)));
    const left = await memoryCheckpoint([
      zeros("both", [2, 3]),
      zeros("left", [1]),
      zeros("shape", [2, 3]),
      { name: "dtype", dtype: "I32", shape: [1], data: new Uint8Array(4) },
      ids(0),
    ]);
    const right = await memoryCheckpoint([
      { name: "both", dtype: "BF16", shape: [2, 3], data: new Uint8Array(12) },
      zeros("right", [1]),
      zeros("shape", [3, 2]),
      { name: "dtype", dtype: "I16", shape: [1], data: new Uint8Array(2) },
      ids(0),
    ]);
    const { differences, pairs, otherPairs } = compareStructure(left, right);
    expect(differences).toEqual([
      { kind: "dtype", weight: "dtype", left: "I32", right: "I16" },
      { kind: "only-left", weight: "left" },
      { kind: "shape", weight: "shape", left: [2, 3], right: [3, 2] },
      { kind: "only-right", weight: "right" },
    ]);
    expect(pairs.map((pair) => [pair.left.name, pair.left.dtype, pair.right.dtype])).toEqual([["both", "F32", "BF16"]]);
    expect(otherPairs.map((pair) => pair.left.name)).toEqual(["ids"]);
    expect(compareStructure(left, right, { matches: (name) => name === "both" }).differences).toEqual([]);
  });
});

describe("compareWeights", () => {
  it("has the error of a quantized weight, to the bit as the run that made it", async () => {
    const left = await memoryCheckpoint([f32Tensor("w", [40, 32], values)]);
    const method = { method: "rtn", options: { bits: 3, group: 16 } };
    const trial = await trialQuantization(left, left.tensor("w")!, method, { backend, quantizers: QUANTIZERS });
    const { pairs } = compareStructure(left, trial.checkpoint);
    const told: ComparedWeight[] = [];
    const compared = await compareWeights(left, trial.checkpoint, pairs, {
      backend,
      onWeight: (weight) => told.push(weight),
    });
    expect(compared.weights).toEqual(told);
    expect(compared.weights[0]).toMatchObject({
      name: "w",
      left: "F32",
      right: "lowbit",
      error: trial.error,
      nonFiniteCount: 0,
    });
    expect(compared.quantizedError).toEqual(trial.error);
    expect(compared.error).toEqual(trial.error);
  });

  it("is in the order of the pairs and adds up to all of their bytes", async () => {
    const left = await memoryCheckpoint([f32Tensor("a", [40, 32], values), f32Tensor("b", [2], Float32Array.of(1, 2))]);
    const right = await memoryCheckpoint([
      f32Tensor("a", [40, 32], values),
      f32Tensor("b", [2], Float32Array.of(1, 4)),
    ]);
    const events: ProgressEvent[] = [];
    const { pairs } = compareStructure(left, right);
    const { weights, error, quantizedError } = await compareWeights(left, right, pairs, {
      backend,
      onProgress: (event) => events.push(event),
    });
    expect(weights.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(weights[0]!.error).toMatchObject({
      sqnrDb: Number.POSITIVE_INFINITY,
      relativeError: 0,
      meanSquaredError: 0,
    });
    expect(weights[1]!.error).toMatchObject({ relativeError: 0.8, meanSquaredError: 2, maxError: 2 });
    expect(error!.meanSquaredError).toBeCloseTo(4 / (40 * 32 + 2), 12);
    expect(quantizedError).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ phase: "compare", doneBytes: events.at(-1)!.totalBytes });
  });

  it("counts what is not finite on one side, and leaves it out", async () => {
    const left = await memoryCheckpoint([f32Tensor("w", [1, 4], Float32Array.of(1, Number.NaN, Number.NaN, 2))]);
    const right = await memoryCheckpoint([f32Tensor("w", [1, 4], Float32Array.of(1, Number.NaN, 0, 4))]);
    const { weights } = await compareWeights(left, right, compareStructure(left, right).pairs, { backend });
    expect(weights[0]).toMatchObject({ nonFiniteCount: 1, error: { meanSquaredError: 4 / 3, maxError: 2 } });
  });

  it("has nothing to say of no pairs, and ends when it is cancelled", async () => {
    const left = await memoryCheckpoint([f32Tensor("w", [40, 32], values)]);
    expect(await compareWeights(left, left, [], { backend })).toEqual({ weights: [] });
    const { pairs } = compareStructure(left, left);
    const cancelled = compareWeights(left, left, pairs, { backend, signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "pipeline/aborted" });
  });
});

describe("compareBytes", () => {
  it("says which tensors without values are equal", async () => {
    const [left, same, other] = await Promise.all([0, 0, 1].map((last) => memoryCheckpoint([ids(last)])));
    const { otherPairs } = compareStructure(left!, other!);
    expect(await compareBytes(left!, same!, otherPairs)).toEqual([{ name: "ids", equal: true }]);
    expect(await compareBytes(left!, other!, otherPairs)).toEqual([{ name: "ids", equal: false }]);
    await expect(compareBytes(left!, other!, otherPairs, AbortSignal.abort())).rejects.toMatchObject({
      code: "pipeline/aborted",
    });
  });
});

import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { decodedCheckpoint } from "../layouts/decoded-checkpoint.js";
import { arrayTensorName } from "../layouts/lowbit/weight-tensors.js";
import { QUANTIZERS } from "../quantizers/quantizer-table.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { termArray, termArrays } from "../terms/term-arrays.js";
import { f32Tensor, memoryCheckpoint, noise } from "./memory-checkpoint.fixture.js";
import type { ProgressEvent } from "./progress.js";
import { quantizeMatrix } from "./quantize-matrix.js";
import { errorFigures } from "./report.js";
import { type TrialMethod, trialQuantization } from "./trial-quantization.js";
import { weightErrors } from "./weight-errors.js";

const backend = createReferenceBackend();
const context = { backend, quantizers: QUANTIZERS };
const [ROWS, COLUMNS] = [24, 64];
const values = noise(ROWS * COLUMNS);
const rtn: TrialMethod = { method: "rtn", options: { bits: 4, group: 32 } };

const original = await memoryCheckpoint([
  f32Tensor("a.weight", [ROWS, COLUMNS], values),
  f32Tensor("norm", [COLUMNS], noise(COLUMNS)),
  f32Tensor("nan", [2, 8], new Float32Array(16).fill(Number.NaN)),
  { name: "ids", dtype: "I32", shape: [2, 2], data: new Uint8Array(16) },
]);
const weight = original.tensor("a.weight")!;

async function decodedValues(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const decoded = decodedCheckpoint(checkpoint, backend);
  const tensor = decoded.tensor(name)!;
  const bytes = new Uint8Array(tensor.byteLength);
  await decoded.read(tensor, 0, bytes);
  return new Float32Array(bytes.buffer);
}

describe("trialQuantization", () => {
  it.each(Object.keys(QUANTIZERS))(
    "stores for %s the arrays that the method gives, and measures their error",
    async (method) => {
      const trial = await trialQuantization(original, weight, { method, options: {} }, context);
      const terms = quantizeMatrix(QUANTIZERS[method]!, { values, rows: ROWS, columns: COLUMNS }, {}, backend);
      for (const [index, term] of terms.entries()) {
        for (const { name } of termArrays(term.layout)) {
          const stored = trial.checkpoint.tensor(arrayTensorName("a.weight", "terms", index, name))!;
          const bytes = new Uint8Array(stored.byteLength);
          await trial.checkpoint.read(stored, 0, bytes);
          expect(bytes).toEqual(Uint8Array.from(termArray(term, name)));
        }
      }
      const decoded = await decodedValues(trial.checkpoint, "a.weight");
      const sums = weightErrors({ values, rows: ROWS, columns: COLUMNS }, decoded, backend);
      expect(trial.error).toEqual(errorFigures(sums));
      expect(trial.error.relativeError).toBeGreaterThan(0);
      expect(trial.weight).toMatchObject({ name: "a.weight", shape: [ROWS, COLUMNS], layout: "lowbit", dtype: "F32" });
      expect(trial.storedBitsPerWeight).toBe((trial.storedBytes * 8) / (ROWS * COLUMNS));
      expect(trial.checkpoint.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(trial.storedBytes);
    },
  );

  it("resolves options, and knows the mean of the squared errors and the largest one", async () => {
    const trial = await trialQuantization(original, weight, rtn, context);
    expect(trial.options).toMatchObject({ bits: 4, group: 32 });
    const decoded = await decodedValues(trial.checkpoint, "a.weight");
    const errors = Array.from(values, (value, index) => value - decoded[index]!);
    const mean = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    expect(trial.error.meanSquaredError).toBeCloseTo(mean, 9);
    expect(trial.error.maxError).toBeCloseTo(Math.max(...errors.map(Math.abs)), 6);
  });

  it("takes a weight that is quantized already by its decoded values", async () => {
    const first = await trialQuantization(original, weight, rtn, context);
    const decoded = decodedCheckpoint(first.checkpoint, backend);
    const again = await trialQuantization(
      decoded,
      decoded.tensor("a.weight")!,
      { method: "binary", options: {} },
      context,
    );
    expect(again.weight).toMatchObject({ name: "a.weight", shape: [ROWS, COLUMNS] });
    const before = await decodedValues(first.checkpoint, "a.weight");
    const after = await decodedValues(again.checkpoint, "a.weight");
    const sums = weightErrors({ values: before, rows: ROWS, columns: COLUMNS }, after, backend);
    expect(again.error).toEqual(errorFigures(sums));
  });

  it("reports every reading as progress", async () => {
    const events: ProgressEvent[] = [];
    await trialQuantization(
      original,
      weight,
      { method: "ternary", options: { group: "tensor" } },
      {
        ...context,
        onProgress: (event) => events.push(event),
      },
    );
    expect(events.at(-1)).toMatchObject({
      phase: "quantize",
      tensor: "a.weight",
      doneBytes: events.at(-1)!.totalBytes,
    });
    expect(events[0]!.totalBytes).toBeGreaterThan(weight.byteLength);
  });

  it("is bounded: refuses before it allocates, and states what would do", async () => {
    const small = trialQuantization(original, weight, rtn, { ...context, maxBytes: 1000 });
    const error = await small.catch((reason: unknown) => reason as { readonly facts: { readonly found: number } });
    expect(error).toMatchObject({ code: "pipeline/trial-too-large", facts: { tensor: "a.weight", allowed: 1000 } });
    const { found } = (error as { readonly facts: { readonly found: number } }).facts;
    await trialQuantization(original, weight, rtn, { ...context, maxBytes: found });
    const below = trialQuantization(original, weight, rtn, { ...context, maxBytes: found - 1 });
    await expect(below).rejects.toMatchObject({ code: "pipeline/trial-too-large" });
  });

  it.each([
    ["norm", "one-dimensional"],
    ["ids", "not a float dtype"],
  ])("refuses %s: %s", async (name, reason) => {
    const trial = trialQuantization(original, original.tensor(name)!, rtn, context);
    await expect(trial).rejects.toMatchObject({ code: "pipeline/trial-refused", facts: { tensor: name, reason } });
  });

  it("passes on what the method and the values forbid", async () => {
    const run = (name: string, method: TrialMethod) =>
      trialQuantization(original, original.tensor(name)!, method, context);
    await expect(run("nan", rtn)).rejects.toMatchObject({ code: "pipeline/non-finite-weight" });
    await expect(run("a.weight", { method: "gptq", options: {} })).rejects.toMatchObject({
      code: "options/unknown-method",
    });
    await expect(run("a.weight", { method: "rtn", options: { bits: 99 } })).rejects.toMatchObject({
      code: "options/invalid-value",
    });
  });

  it("ends when it is cancelled", async () => {
    const cancel = new AbortController();
    const trial = trialQuantization(
      original,
      weight,
      { method: "ternary", options: { group: "tensor" } },
      {
        ...context,
        signal: cancel.signal,
        onProgress: () => cancel.abort(),
      },
    );
    await expect(trial).rejects.toMatchObject({ code: "pipeline/aborted" });
  });
});

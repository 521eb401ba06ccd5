import type { KernelBackend } from "@lowbit/core/backend";
import type { FloatDtype } from "@lowbit/core/dtype";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { openModelSource } from "../model/open-model-source.js";
import { ARCHITECTURES } from "./architecture-table.js";
import { GOLDEN_NAMES, type GoldenModel, goldenTensors, memoryCheckpoint, readGolden } from "./golden-model.fixture.js";

/** Largest distance from the logits of transformers. */
const TOLERANCE = 1e-4;

async function logits(golden: GoldenModel, checkpoint: Checkpoint, backend: KernelBackend): Promise<Float32Array> {
  const source = await openModelSource({ name: "golden", checkpoint, config: golden.config }, backend);
  const model = await source.load();
  const result = sequenceLogits(model, backend, golden.ids);
  model.close();
  await source.close();
  return result;
}

function largestDifference(golden: GoldenModel, found: Float32Array): number {
  const expected = golden.logits.flat();
  expect(found.length).toBe(expected.length);
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - found[i]!)), 0);
}

describe.each(testBackends)("golden logits on $name", ({ create }) => {
  let backend: KernelBackend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.close());

  it.each(GOLDEN_NAMES)("%s", async (name) => {
    const golden = readGolden(name);
    const found = await logits(golden, await memoryCheckpoint(goldenTensors(golden)), backend);
    expect(largestDifference(golden, found)).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each<FloatDtype>(["F16", "BF16", "F64"])("of %s weights in three shards", async (dtype) => {
    const golden = readGolden("qwen3");
    const found = await logits(golden, await memoryCheckpoint(goldenTensors(golden, dtype), 3), backend);
    expect(largestDifference(golden, found)).toBeLessThanOrEqual(TOLERANCE);
  });
});

describe("golden files", () => {
  it("cover every architecture", () => {
    const covered = new Set(GOLDEN_NAMES.map((name) => readGolden(name).config["model_type"]));
    expect(ARCHITECTURES.flatMap(({ modelTypes }) => modelTypes).filter((type) => !covered.has(type))).toEqual([]);
  });
});

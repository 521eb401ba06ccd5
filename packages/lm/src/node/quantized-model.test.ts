import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { dequantizeCheckpoint, quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenTensors, readGolden } from "../architectures/golden-model.fixture.js";
import { testBackends } from "../backends.fixture.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { blockLinears } from "../model/layers.js";
import { loadModel } from "./open-model.js";

const REFERENCE = {
  module: new URL("../../../core/src/backend/index.ts", import.meta.url).href,
  exportName: "createReferenceBackend",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-lm-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A golden model as a directory, what a method makes of it, and that one dequantized. */
async function quantized(
  name: string,
  method: string,
  options: Readonly<Record<string, string>> = {},
): Promise<{ readonly input: string; readonly packed: string; readonly twin: string }> {
  const golden = readGolden(name);
  const [input, packed, twin] = ["", "-packed", "-twin"].map((end) => join(folder, `${name}-${method}${end}`));
  await mkdir(input!);
  await writeFile(join(input!, "model.safetensors"), writeSafetensors(goldenTensors(golden)));
  await writeFile(join(input!, "config.json"), JSON.stringify(golden.config));
  const run = { threads: 1, backend: REFERENCE };
  const plan = { method, options, rules: [] };
  await quantizeCheckpoint({ input: input!, output: packed!, plan, quantizers: QUANTIZERS, ...run });
  await dequantizeCheckpoint({ input: packed!, output: twin!, dtype: "F32", ...run });
  return { input: input!, packed: packed!, twin: twin! };
}

describe("a quantized model", () => {
  it("of BitNet rounds its activations as the original does", async () => {
    const { input, packed } = await quantized("bitnet-online", "ternary", { scaleDtype: "F32" });
    const { ids } = readGolden("bitnet-online");
    for (const { create } of testBackends) {
      const backend: KernelBackend = await create();
      const [original, copy] = [await loadModel(input, backend), await loadModel(packed, backend)];
      expect(copy.config.activations).toEqual({ bits: 8 });
      expect(sequenceLogits(copy, backend, ids)).toEqual(sequenceLogits(original, backend, ids));
      for (const model of [original, copy]) model.close();
      backend.close();
    }
  });

  const runs = [...Object.keys(QUANTIZERS).map((method) => ["qwen3", method] as const), ["gpt2", "rtn"] as const];
  it.each(runs)("%s by %s gives the logits of its dequantized twin on every backend", async (name, method) => {
    const paths = await quantized(name, method);
    const { ids } = readGolden(name);
    for (const { create } of testBackends) {
      const backend: KernelBackend = await create();
      const packed = await loadModel(paths.packed, backend);
      const twin = await loadModel(paths.twin, backend);
      const kinds = blockLinears(packed.blocks[1]!).flatMap(({ terms }) => terms.map(({ layout }) => layout.kind));
      expect(kinds).not.toContain("dense");
      const expected = sequenceLogits(twin, backend, ids);
      const found = sequenceLogits(packed, backend, ids);
      expect(found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)).toBeLessThan(1e-4);
      for (const model of [packed, twin]) model.close();
      backend.close();
    }
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { KernelBackend } from "@lowbit/core/backend";
import { openCheckpoint } from "@lowbit/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import { blockLinears } from "../model/layers.js";
import { openModel } from "../node/open-model.js";
import { relativeError } from "./gradient-check.fixture.js";
import { nextTokenBatch, type ScoredBatch } from "./scored-batch.js";
import { weightGradients } from "./weight-gradients.js";

/** Made by `__golden__/make_gradients.py`. */
interface GoldenLoss {
  readonly sequences: number;
  readonly tokens: readonly number[];
  readonly counted: readonly number[];
  readonly loss: number;
}

const folder = (name: string) => fileURLToPath(new URL(`./__golden__/${name}/`, import.meta.url));

async function goldenGradients(name: string): Promise<ReadonlyMap<string, Float32Array>> {
  const checkpoint = await openCheckpoint(`${folder(name)}gradients.safetensors`);
  const found = new Map<string, Float32Array>();
  for (const tensor of checkpoint.tensors) {
    const bytes = new Uint8Array(tensor.byteLength);
    await checkpoint.read(tensor, 0, bytes);
    found.set(tensor.name, new Float32Array(bytes.buffer));
  }
  await checkpoint.close();
  return found;
}

describe.each(testBackends)("weightGradients against PyTorch, $name", ({ create }) => {
  let backend: KernelBackend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.close());

  describe.each(["qwen3", "gpt2", "gpt-neox"])("%s", (name) => {
    let source: ModelSource;
    let model: LanguageModel;
    let batch: ScoredBatch;
    let golden: GoldenLoss;
    beforeAll(async () => {
      source = await openModel(`${folder(name)}model.safetensors`, backend);
      model = await source.load();
      golden = JSON.parse(readFileSync(`${folder(name)}loss.json`, "utf8")) as GoldenLoss;
      batch = {
        ...nextTokenBatch(Uint32Array.from(golden.tokens), golden.sequences),
        counted: Uint8Array.from(golden.counted),
      };
    });
    afterAll(async () => {
      model.close();
      await source.close();
    });

    it("has the loss and the gradient of every parameter", async () => {
      const expected = await goldenGradients(name);
      const found = new Map<string, Float32Array>();
      const loss = await weightGradients(
        model,
        backend,
        batch,
        (parameter, _, gradient) => {
          expect(found.has(parameter)).toBe(false);
          found.set(parameter, gradient.slice());
        },
        { parameters: "all", headRows: 5 },
      );
      expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(1e-6);
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [parameter, gradient] of expected) {
        expect(relativeError(found.get(parameter)!, gradient), parameter).toBeLessThan(1e-4);
      }
    });

    it("has the gradients of the blocks' matrices alone, loaded block by block", async () => {
      const expected = await goldenGradients(name);
      const kinds = new Set<string>();
      const names = new Set<string>();
      const loss = await weightGradients(source, backend, batch, (parameter, kind, gradient, shape) => {
        kinds.add(kind);
        names.add(parameter);
        expect(shape.length).toBe(2);
        expect(relativeError(gradient, expected.get(parameter)!), parameter).toBeLessThan(1e-4);
      });
      expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(1e-6);
      expect([...kinds]).toEqual(["linear"]);
      const matrices = model.blocks.flatMap(blockLinears).map((layer) => layer.name);
      expect([...names].sort()).toEqual(matrices.sort());
    });
  });
});

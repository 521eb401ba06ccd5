import { createReferenceBackend } from "@lowbit/core/backend";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import {
  floatTensor,
  GOLDEN_NAMES,
  type GoldenModel,
  goldenTensors,
  memoryCheckpoint,
  readGolden,
} from "../architectures/golden-model.fixture.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { openModelSource } from "../model/open-model-source.js";
import { goldenGguf, openGgufBytes, type PlainFileType } from "./golden-gguf.fixture.js";
import { huggingFaceView } from "./hugging-face-view.js";
import { openGgufSource } from "./open-gguf-source.js";

const backend = createReferenceBackend();

/** Weights of these are made ternary when they are exported, so the file holds other values. */
const TERNARIZED = ["bitnet-online"];
const EXACT = GOLDEN_NAMES.filter((name) => !TERNARIZED.includes(name));

async function bytesOf(checkpoint: Checkpoint, name: string): Promise<Uint8Array> {
  const tensor = checkpoint.tensor(name)!;
  const bytes = new Uint8Array(tensor.byteLength);
  await checkpoint.read(tensor, 0, bytes);
  return bytes;
}

function transposed(bytes: Uint8Array, [rows, columns]: readonly number[], size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let row = 0; row < rows!; row++) {
    for (let column = 0; column < columns!; column++) {
      const from = (row * columns! + column) * size;
      result.set(bytes.subarray(from, from + size), (column * rows! + row) * size);
    }
  }
  return result;
}

async function logits(golden: GoldenModel, source: Awaited<ReturnType<typeof openGgufSource>>): Promise<Float32Array> {
  const model = await source.load();
  const found = sequenceLogits(model, backend, golden.ids);
  model.close();
  await source.close();
  return found;
}

describe.each<PlainFileType>(["F32", "F16"])("a model through a GGUF file of %s", (type) => {
  it.each(EXACT)("%s has the same weights", async (name) => {
    const golden = readGolden(name);
    const view = await huggingFaceView(await openGgufBytes(await goldenGguf(golden, type)));
    const original = await memoryCheckpoint(goldenTensors(golden, type));
    const names = original.tensors.map((tensor) => tensor.name).filter((tensor) => !isLeftOut(golden, tensor));
    expect(view.checkpoint.tensors.map((tensor) => tensor.name)).toEqual(names);
    for (const tensor of view.checkpoint.tensors) {
      const { shape } = original.tensor(tensor.name)!;
      const isTransposed = /\.c_(attn|proj|fc)\.weight$/.test(tensor.name);
      const isKept = tensor.dtype !== type;
      const expected = isKept ? floatTensor(tensor.name, shape, "F32").data : await bytesOf(original, tensor.name);
      const size = type === "F16" && !isKept ? 2 : 4;
      const found = await bytesOf(view.checkpoint, tensor.name);
      expect(isTransposed ? transposed(found, tensor.shape, size) : found, tensor.name).toEqual(expected);
    }
  });

  it.each(EXACT)("%s has the same outputs", async (name) => {
    const golden = readGolden(name);
    const found = await logits(
      golden,
      await openGgufSource(await openGgufBytes(await goldenGguf(golden, type)), backend),
    );
    const expected = golden.logits.flat();
    const largest = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
    expect(largest).toBeLessThanOrEqual(1e-4);
  });
});

/** The copy of a tied head, and buffers. */
function isLeftOut({ config }: GoldenModel, name: string): boolean {
  return config["tie_word_embeddings"] === true && name === "lm_head.weight";
}

describe("BitNet", () => {
  it("is exported with the weights that it runs with: ternary, times the mean of the tensor", async () => {
    const golden = readGolden("bitnet-online");
    const { checkpoint } = await huggingFaceView(await openGgufBytes(await goldenGguf(golden)));
    const name = "model.layers.0.self_attn.q_proj.weight";
    const stored = new Float32Array((await bytesOf(checkpoint, name)).buffer);
    const original = new Float32Array(floatTensor(name, golden.tensors[name]!).data.buffer);
    const mean = Math.fround(original.reduce((sum, value) => sum + Math.abs(value), 0) / original.length);
    expect([...new Set(stored)].toSorted((a, b) => a - b)).toEqual([-mean, 0, mean]);
    // Multiplied by the scale that divided them: a scale and its inverse are easily taken for each other.
    const expected = original.map((value) => Math.max(-1, Math.min(1, Math.round(value / mean))) * mean);
    expect(stored.every((value, i) => Math.abs(value - expected[i]!) < 1e-7)).toBe(true);
  });

  it("keeps activations as they are: the file does not say that they were rounded", async () => {
    const golden = readGolden("bitnet-online");
    const source = await openGgufSource(await openGgufBytes(await goldenGguf(golden)), backend);
    expect(source.config.activations).toBeUndefined();
    await source.close();
    const online = await openModelSource(
      { name: "golden", checkpoint: await memoryCheckpoint(goldenTensors(golden)), config: golden.config },
      backend,
    );
    expect(online.config.activations).toEqual({ bits: 8 });
  });
});

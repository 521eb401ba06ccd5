import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createMemorySource } from "@lowbit/core/bytes";
import { decodedCheckpoint, LAYOUT_WRITERS, type LayoutWriter, type PackedWeight } from "@lowbit/core/layouts";
import { type Checkpoint, openFile, type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { afterAll, describe, expect, it } from "vitest";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { openModelSource } from "./open-model-source.js";

const backend = await createWasmBackend();
afterAll(() => backend.close());
const ids = [1, 17, 403, 1200, 5, 88];

/** The bundled model with its first block alone, that one in the layout of a writer. */
async function written(writer: LayoutWriter): Promise<{ checkpoint: Checkpoint; config: Record<string, unknown> }> {
  const original = await openFile(
    createMemorySource(new Uint8Array(await readFile(join(TINY_LLAMA, "model.safetensors")))),
  );
  const packed = new Map<string, PackedWeight>();
  const tensors: TensorData[] = [];
  for (const tensor of original.tensors) {
    const block = /^model\.layers\.(\d+)\./.exec(tensor.name)?.[1];
    if (block !== undefined && block !== "0") continue;
    const data = new Uint8Array(tensor.byteLength);
    await original.read(tensor, 0, data);
    const { name, dtype, shape } = tensor;
    if (block === undefined || shape.length !== 2) {
      tensors.push({ name, dtype, shape, data });
      continue;
    }
    const [rows, columns] = shape as [number, number];
    const values = new Float32Array(rows * columns);
    backend.decodeFloats("BF16", data, values);
    const terms = writer.requantize({ values, rows, columns }, writer.types[0]!, backend);
    const answer = writer.pack({ name, dtype, shape, terms, transforms: [] });
    if ("reason" in answer) throw new Error(answer.reason);
    packed.set(name, answer);
    tensors.push(...answer.tensors);
  }
  const { quantizationConfig } = writer.config(packed, []);
  const plain = JSON.parse(await readFile(join(TINY_LLAMA, "config.json"), "utf8")) as Record<string, unknown>;
  const config = { ...plain, num_hidden_layers: 1, quantization_config: quantizationConfig };
  return { checkpoint: await openFile(createMemorySource(writeSafetensors(tensors)), { config }), config };
}

async function logits(checkpoint: Checkpoint, config: Record<string, unknown>): Promise<Float32Array> {
  const source = await openModelSource({ name: "model", checkpoint, config }, backend);
  const model = await source.load();
  const found = sequenceLogits(model, backend, ids);
  model.close();
  return found;
}

describe("a model runs as it is stored in the layout", () => {
  it.each(LAYOUT_WRITERS.filter(({ name }) => ["gptq", "gptq-v2", "awq"].includes(name)))("$name", async (writer) => {
    const { checkpoint, config } = await written(writer);
    const { quantization_config: _, ...plain } = config;
    const found = await logits(checkpoint, config);
    const expected = await logits(decodedCheckpoint(checkpoint, backend), plain);
    const largest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(expected.some((value) => value !== 0)).toBe(true);
    expect(largest).toBeLessThanOrEqual(1e-4);
  });
});

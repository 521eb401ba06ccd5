import { createReferenceBackend } from "@lowbit/core/backend";
import { LAYOUT_WRITERS } from "@lowbit/core/layouts";
import type { TensorData } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { openModelSource } from "../model/open-model-source.js";
import { floatTensor, memoryCheckpoint, readGolden } from "./golden-model.fixture.js";

const backend = createReferenceBackend();
const golden = readGolden("bitnet-online");
/** Rows are packed by fours; the feed-forward layer of the golden model has 37. */
const config = { ...golden.config, intermediate_size: 40 };
const plain = Object.entries(golden.tensors).map(([name, shape]) =>
  floatTensor(
    name,
    shape.map((size) => (size === golden.config["intermediate_size"] ? 40 : size)),
  ),
);
const writer = LAYOUT_WRITERS.find(({ name }) => name === "bitnet")!;

async function logits(tensors: readonly TensorData[], quantization: object): Promise<Float32Array> {
  const checkpoint = await memoryCheckpoint(tensors);
  const files = { name: "m", checkpoint, config: { ...config, quantization_config: quantization } };
  const source = await openModelSource(files, backend);
  const model = await source.load();
  return sequenceLogits(model, backend, golden.ids);
}

/** The matrices of the blocks packed as the client packs them. */
function pack(type: string): { readonly tensors: TensorData[]; readonly quantization: object } {
  const packed = new Map<string, ReturnType<typeof packOne>>();
  const tensors = plain.flatMap((tensor): readonly TensorData[] => {
    if (!tensor.name.endsWith("_proj.weight")) return [tensor];
    const answer = packOne(tensor, type);
    packed.set(tensor.name, answer);
    return answer.tensors;
  });
  return { tensors, quantization: writer.config(packed, []).quantizationConfig };
}

function packOne({ name, shape, data }: TensorData, type: string) {
  const [rows, columns] = shape as [number, number];
  const values = new Float32Array(data.slice().buffer);
  const terms = writer.requantize({ values, rows, columns }, type, backend);
  const answer = writer.pack({ name, shape, dtype: "F32", terms, transforms: [] }, type);
  if ("reason" in answer) throw new Error(answer.reason);
  return answer;
}

describe("BitNet weights that are stored packed", () => {
  it.each(["bitlinear", "autobitlinear"])("run as those that are rounded on load: %s", async (type) => {
    const { tensors, quantization } = pack(type);
    const online = await logits(plain, golden.config["quantization_config"] as object);
    const offline = await logits(tensors, quantization);
    // The inverse of a scale is rounded once more.
    const largest = offline.reduce((most, value, i) => Math.max(most, Math.abs(value - online[i]!)), 0);
    expect(largest).toBeLessThan(1e-4);
  });

  it("have another meaning under the other class of layers", async () => {
    const { tensors, quantization } = pack("autobitlinear");
    const right = await logits(tensors, quantization);
    const wrong = await logits(tensors, { ...quantization, linear_class: "bitlinear" });
    expect(right.some((value, i) => Math.abs(value - wrong[i]!) > 0.01)).toBe(true);
  });
});

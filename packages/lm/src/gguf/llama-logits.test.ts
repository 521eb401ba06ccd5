import { createReferenceBackend } from "@lowbit/core/backend";
import { type GgufMetadata, type GgufValue, ggufArray } from "@lowbit/core/gguf";
import { LlamaError, llamaLogits, llamaLogitsOfEach } from "@lowbit/llama-oracle";
import { describe, expect, it } from "vitest";
import { type GoldenModel, readGolden } from "../architectures/golden-model.fixture.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { exportGolden, goldenGguf, openGgufBytes, type PlainFileType } from "./golden-gguf.fixture.js";
import { withFiles, withLlama } from "./llama.fixture.js";
import { openGgufSource } from "./open-gguf-source.js";

const backend = createReferenceBackend();

/** Settings that llama.cpp does not have: windows, the bias of Qwen3's attn_output, squared ReLU. */
const WITHOUT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  mistral: { sliding_window: null },
  qwen2: { use_sliding_window: false, layer_types: null },
  qwen3: { attention_bias: false },
  bitnet: { hidden_act: "silu" },
  "bitnet-online": { hidden_act: "silu" },
};

const NAMES = [
  "llama2",
  "llama3",
  "llama-linear",
  "llama-yarn",
  "smollm",
  "mistral",
  "qwen2",
  "qwen3",
  "gpt2",
  "gpt-neox-parallel",
  "gpt-neox-sequential",
  "bitnet",
  "bitnet-online",
];

function withoutForeign(name: string): GoldenModel {
  const golden = readGolden(name);
  const config = { ...golden.config, ...WITHOUT[name] };
  const hasBias = name !== "qwen3";
  const tensors = Object.entries(golden.tensors).filter(([tensor]) => hasBias || !tensor.endsWith(".bias"));
  return { ...golden, config, tensors: Object.fromEntries(tensors) };
}

/** As many tokens as the golden models have; llama.cpp asks its tokenizer while it loads. */
function tokenizer(size: number): GgufMetadata {
  const tokens = Array.from({ length: size }, (_, i) => ["\u010a", "a", "b", "ab"][i - 3] ?? `<${i}>`);
  const types = tokens.map((_, i) => (i < 3 ? 3 : 1));
  return new Map<string, GgufValue>([
    ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
    ["tokenizer.ggml.pre", { type: "string", value: "gpt-2" }],
    ["tokenizer.ggml.tokens", ggufArray("string", tokens)],
    ["tokenizer.ggml.token_type", ggufArray("int32", types)],
    ["tokenizer.ggml.merges", ggufArray("string", ["a b"])],
    ["tokenizer.ggml.bos_token_id", { type: "uint32", value: 1 }],
    ["tokenizer.ggml.eos_token_id", { type: "uint32", value: 2 }],
  ]);
}

/** Mean over positions of the divergence of two distributions given by logits, in nats. */
function divergence(expected: Float32Array, found: Float32Array, vocabulary: number): number {
  const rows = expected.length / vocabulary;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [p, q] = [expected, found].map((logits) =>
      logProbabilities(logits.subarray(row * vocabulary, (row + 1) * vocabulary)),
    );
    sum += p!.reduce((total, log, i) => total + Math.exp(log) * (log - q![i]!), 0);
  }
  return sum / rows;
}

function logProbabilities(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const log = most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return Array.from(logits, (value) => value - log);
}

async function ownLogits(bytes: Uint8Array, ids: readonly number[]): Promise<Float32Array> {
  const source = await openGgufSource(await openGgufBytes(bytes), backend);
  const model = await source.load();
  const logits = sequenceLogits(model, backend, ids);
  model.close();
  await source.close();
  return logits;
}

withLlama("GGUF models in llama.cpp", () => {
  describe("llama.cpp on GGUF files of lowbit", () => {
    it.each<PlainFileType>(["F32", "F16"])(
      "computes what lowbit computes, in %s",
      { timeout: 120_000 },
      async (type) => {
        const { ids } = readGolden("llama2");
        const vocabulary = 41;
        const keys = tokenizer(vocabulary);
        const files = await Promise.all(NAMES.map((name) => goldenGguf(withoutForeign(name), type, keys)));
        const found = await withFiles(files, (paths) => llamaLogitsOfEach(paths, [ids]));
        const divergences = await Promise.all(
          NAMES.map(async (name, i) => {
            return { name, value: divergence(await ownLogits(files[i]!, ids), found[i]!, vocabulary) };
          }),
        );
        expect(divergences.filter(({ value }) => !(value <= 1e-4))).toEqual([]);
      },
    );

    it("refuses the architecture bitnet-b1.58, as the export says", { timeout: 60_000 }, async () => {
      const golden = readGolden("bitnet");
      const file = await goldenGguf(golden, "F32", tokenizer(41));
      await expect(withFiles([file], ([path]) => llamaLogits(path!, golden.ids))).rejects.toThrow(LlamaError);
      const { notes } = await exportGolden(golden);
      expect(notes.join()).toContain("Only bitnet.cpp runs the architecture bitnet-b1.58");
    });
  });
});

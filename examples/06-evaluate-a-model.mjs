// What did quantization do to the model? Quantizes the bundled model to 3 bits, runs both from their packed bytes over the
// same text, and compares their predictions token by token.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { compareModels, generateTokens } from "@lowbit/lm";
import { loadModel, openTokenizer } from "@lowbit/lm/node";

const input = fileURLToPath(new URL("tiny-llama", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "lowbit-example-"));
const output = join(folder, "tiny-llama-rtn3");
await quantizeCheckpoint({
  input,
  output,
  quantizers: QUANTIZERS,
  plan: { method: "rtn", options: { bits: 3, group: 64 }, rules: [] },
  backend: { module: import.meta.resolve("@lowbit/kernels-wasm"), exportName: "createWasmBackend", argument: {} },
  threads: 1,
});

const backend = await createWasmBackend();
const original = await loadModel(input, backend);
const quantized = await loadModel(output, backend);
const tokenizer = await openTokenizer(output);
const { beginToken } = tokenizer;
const tokens = tokenizer.encode(await readFile(join(input, "sample.txt"), "utf8"));

const found = await compareModels(quantized, original, backend, tokens, { beginToken, maxWindows: 4 });
console.log(`weights: ${original.weightBytes} bytes, quantized ${quantized.weightBytes}`);
console.log(`perplexity ${found.original.perplexity.mean.toFixed(2)} → ${found.model.perplexity.mean.toFixed(2)}`);
console.log(
  `KL ${found.divergence.mean.toFixed(4)} nats a token, same top token ${(100 * found.sameTop.mean).toFixed(1)} %`,
);
if (!(found.model.perplexity.mean > found.original.perplexity.mean)) throw new Error("3 bits cost nothing?");

const prompt = Uint32Array.of(beginToken, ...tokenizer.encode("And the king said"));
const text = [];
for await (const token of generateTokens(quantized, backend, prompt, { maxTokens: 24 })) text.push(token);
console.log(`And the king said${tokenizer.decode(Uint32Array.from(text))}`);

for (const model of [original, quantized]) model.close();
backend.close();
await rm(folder, { recursive: true });

// Which layers matter most to the loss? Gradients of the next-token loss by every linear layer of the bundled model, one
// layer at a time in memory.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { nextTokenBatch, weightGradients } from "@lowbit/lm";
import { openModel, openTokenizer } from "@lowbit/lm/node";

const input = fileURLToPath(new URL("tiny-llama", import.meta.url));
const backend = await createWasmBackend();
const source = await openModel(input, backend);
const tokenizer = await openTokenizer(input);
const text = tokenizer.encode(await readFile(join(input, "sample.txt"), "utf8"));

const sequences = 2;
const batch = nextTokenBatch(text.subarray(0, sequences * 128), sequences);
const norms = [];
const loss = await weightGradients(source, backend, batch, (name, _kind, gradient) => {
  norms.push({ name, norm: Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0)) });
});
console.log(`loss ${loss.toFixed(4)} nats a token, gradients of ${norms.length} layers`);
for (const { name, norm } of norms.sort((a, b) => b.norm - a.norm).slice(0, 5)) {
  console.log(`${norm.toExponential(2)}  ${name}`);
}

await source.close();
backend.close();

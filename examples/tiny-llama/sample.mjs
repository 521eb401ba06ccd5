// Writes sample.txt: text that the bundled model itself made, so that there is a text to evaluate on that may be shipped.
//
//   node scripts/run.mjs node examples/tiny-llama/sample.mjs

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createNativeBackend } from "@lowbit/kernels-native";
import { generateTokens } from "@lowbit/lm";
import { loadModel, openTokenizer } from "@lowbit/lm/node";

const PIECES = 24;
const folder = fileURLToPath(new URL(".", import.meta.url));
const backend = createNativeBackend();
const model = await loadModel(folder, backend);
const tokenizer = await openTokenizer(folder);
const pieces = [];
for (let seed = 0; seed < PIECES; seed++) {
  const tokens = [];
  const options = { maxTokens: model.config.contextLength, sampling: { temperature: 1, seed } };
  for await (const token of generateTokens(model, backend, Uint32Array.of(tokenizer.beginToken), options)) tokens.push(token);
  pieces.push(tokenizer.decode(Uint32Array.from(tokens)).trim());
}
writeFileSync(`${folder}sample.txt`, `${pieces.join("\n\n")}\n`);
model.close();
backend.close();

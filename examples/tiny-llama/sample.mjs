// Writes sample.txt and calibration.txt: text that the bundled model itself made, so that there is a text to evaluate on and
// another one to calibrate on that may be shipped.
//
//   node scripts/run.mjs node examples/tiny-llama/sample.mjs

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createNativeBackend } from "@lowbit/kernels-native";
import { generateTokens } from "@lowbit/lm";
import { loadModel, openTokenizer } from "@lowbit/lm/node";

/** File → first seed, number of pieces. */
const FILES = { "sample.txt": [0, 24], "calibration.txt": [1000, 96] };

const folder = fileURLToPath(new URL(".", import.meta.url));
const backend = createNativeBackend();
const model = await loadModel(folder, backend);
const tokenizer = await openTokenizer(folder);
for (const [file, [firstSeed, count]] of Object.entries(FILES)) {
  const pieces = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const tokens = [];
    const options = { maxTokens: model.config.contextLength, sampling: { temperature: 1, seed } };
    const begin = Uint32Array.of(tokenizer.beginToken);
    for await (const token of generateTokens(model, backend, begin, options)) tokens.push(token);
    pieces.push(tokenizer.decode(Uint32Array.from(tokens)).trim());
  }
  writeFileSync(`${folder}${file}`, `${pieces.join("\n\n")}\n`);
}
model.close();
backend.close();

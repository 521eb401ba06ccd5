// Logits of a model as lowbit runs it, for comparison with another program: node logits.mjs MODEL IDS.json OUT
// OUT gets f32, little-endian, [ids, vocabulary].

import { readFile, writeFile } from "node:fs/promises";
import { createWasmBackend } from "../../packages/kernels-wasm/dist/index.js";
import { ComputeOps, passContext, runBlocks, runHead } from "../../packages/lm/dist/index.js";
import { loadModel } from "../../packages/lm/dist/node/index.js";

const [path, idsFile, output] = process.argv.slice(2);
const ids = Uint32Array.from(JSON.parse(await readFile(idsFile, "utf8")));
const backend = await createWasmBackend();
const model = await loadModel(path, backend);
// Rounded as the model says that it was trained.
const { activations } = model.config;
const ops = new ComputeOps(backend, activations ? { activationBits: activations.bits } : {});
const batch = { tokens: ids, sequences: 1, length: ids.length, firstPosition: 0 };
const x = runBlocks(ops, model, batch, passContext(model, batch));
await writeFile(output, new Uint8Array(runHead(ops, model, x).values.slice().buffer));
model.close();
backend.close();

// How far llama.cpp's next-token distributions are from ours on the same GGUF file: exports a model to each type and prints a
// line of a Markdown table for each. Needs the packages built, llama.cpp (npm, Linux x64), and Node 22.18 or newer.
//
//   node scripts/llama-divergence.mjs MODEL TEXT [--tokens 512] [TYPE …]

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openCheckpoint } from "@lowbit/core/node";
import { createNativeBackend } from "@lowbit/kernels-native";
import { LLAMA_MISSING, llamaLogitsOfEach, llamaRounding } from "@lowbit/llama-oracle";
import { ComputeOps, GGUF_RECIPES, passContext, runBlocks, runHead } from "@lowbit/lm";
import { loadModel, openTokenizer } from "@lowbit/lm/node";

const CLI = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function convert(input, output, type) {
  const options = ["--to", `gguf:${type}`, "--allow-requantize", "--pure", "--encoder", "ggml", "--no-errors"];
  const { status, stderr } = spawnSync(process.execPath, [CLI, "convert", input, output, ...options], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

/** Types of matrices by the length of their rows: blocks that do not fill them make it another one than was asked for. */
async function typesByColumns(path) {
  const checkpoint = await openCheckpoint(path);
  await checkpoint.close();
  const matrices = checkpoint.tensors.filter(({ shape }) => shape.length === 2);
  return new Map(matrices.map(({ shape, blockType, dtype }) => [shape[1], blockType ?? dtype]));
}

/** Rounds the inputs of every matrix as llama.cpp does. */
class RoundingOps extends ComputeOps {
  constructor(backend, types) {
    super(backend);
    this.types = types;
  }

  linear(layer, x) {
    return this.scope(() => {
      const rounded = this.make(x.rows, x.columns);
      rounded.values.set(x.values);
      llamaRounding(this.types.get(x.columns))(rounded.values);
      return super.linear(layer, rounded);
    });
  }
}

function ownLogits(model, ops, ids) {
  const batch = { tokens: Uint32Array.from(ids), sequences: 1, length: ids.length, firstPosition: 0 };
  return runHead(ops, model, runBlocks(ops, model, batch, passContext(model, batch))).values.slice();
}

function divergences(backend, ours, theirs, columns) {
  const rows = ours.length / columns;
  const found = { divergence: new Float64Array(rows), sameTop: new Uint8Array(rows) };
  backend.divergence({ values: ours, rows, columns }, { values: theirs, rows, columns }, found);
  return { mean: found.divergence.reduce((sum, value) => sum + value, 0) / rows, values: found.divergence.toSorted() };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tokens: { type: "string", default: "512" } },
});
const [model, text, ...wanted] = positionals;
if (text === undefined) throw new Error("Give MODEL and TEXT.");
if (LLAMA_MISSING !== undefined) throw new Error(LLAMA_MISSING);
const wantedTypes = wanted.length > 0 ? wanted : [...new Set(GGUF_RECIPES.map(({ type }) => type))];
const backend = createNativeBackend();
const tokenizer = await openTokenizer(model);
const count = Number(values.tokens);
const body = Array.from(tokenizer.encode(readFileSync(text, "utf8").slice(0, 16 * count)));
const ids = [tokenizer.beginToken ?? body[0], ...body].slice(0, count);
const folder = mkdtempSync(join(tmpdir(), "lowbit-llama-divergence-"));
console.log(`| type | KL(ours, llama.cpp): mean | median | KL(ours, ours with its rounding of inputs): mean | single tokens, both rounded: lowest quarter |
|---|---|---|---|---|`);
try {
  for (const type of wantedTypes) {
    const path = join(folder, `${type}.gguf`);
    convert(model, path, type);
    const types = await typesByColumns(path);
    const own = await loadModel(path, backend);
    const { vocabularySize } = own.config;
    const rounding = new RoundingOps(backend, types);
    const ours = ownLogits(own, new ComputeOps(backend), ids);
    const single = ids.slice(0, 16).map((id) => [id]);
    const [theirs] = await llamaLogitsOfEach([path], [ids, ...single]);
    const found = divergences(backend, ours, theirs.subarray(0, ours.length), vocabularySize);
    const own8 = divergences(backend, ours, ownLogits(own, rounding, ids), vocabularySize);
    const alike = single.map((one, place) => {
      const begin = (count + place) * vocabularySize;
      const row = theirs.subarray(begin, begin + vocabularySize);
      return divergences(backend, ownLogits(own, rounding, one), row, vocabularySize).mean;
    });
    const columns = [found.mean, found.values[count >> 1], own8.mean, alike.toSorted((a, b) => a - b)[4]];
    console.log(
      `| ${[...new Set([type, ...types.values()])].join(", ")} | ${columns.map((value) => value.toExponential(2)).join(" | ")} |`,
    );
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true });
}

// What our search (`blockFit`) gains over ggml's own rule (`blockEncode`): error of the weights and perplexity of models
// whose projections went through the blocks of each type. Rows that are no whole blocks stay as they are. Prints the
// tables of docs/formats/k-quants.md.
//
//   node scripts/bench-k-quants.mjs --model DIR [--statistics FILE --text FILE --context 256 --windows 64] [--rows N]
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { blockType } from "@lowbit/core/blocks";
import { openCheckpoint, openFileSource } from "@lowbit/core/node";
import { openFile } from "@lowbit/core/safetensors";
import { decodeTerms } from "@lowbit/core/terms";
import { blockLinears, evaluateTokens } from "@lowbit/lm";
import { loadModel, openTokenizer } from "@lowbit/lm/node";
import { openBackend } from "../dist/create-backend.js";

const TYPES = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "IQ4_NL"];

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    statistics: { type: "string" },
    text: { type: "string" },
    context: { type: "string", default: "256" },
    windows: { type: "string", default: "64" },
    rows: { type: "string" },
    types: { type: "string", default: TYPES.join(",") },
    threads: { type: "string" },
  },
});
const types = flags.types.split(",");
const { backend } = await openBackend(undefined, flags.threads && Number(flags.threads));
const isModel = flags.text !== undefined;
const model = isModel ? await loadModel(flags.model, backend) : undefined;
const weights = model ? model.blocks.flatMap(blockLinears) : await plainMatrices(flags.model);
const statistics = flags.statistics && (await readStatistics(flags.statistics));
const original = weights.map((weight) => weight.terms);
const score = model && (await perplexityOf());

console.log(`### ${basename(flags.model)}\n`);
if (score) console.log(`Perplexity without quantization: ${(await score()).toFixed(4)}.\n`);
const columns = ["Type", "bits", "weights"];
columns.push("ggml error", "ours", "Σ(w − ŵ)²");
if (statistics) columns.push("ggml weighted error", "ours", "Σ h(w − ŵ)²");
if (score) columns.push("ggml perplexity", "ours");
if (score && statistics) columns.push("ours, with importance");
console.log(`| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`);
for (const name of types) console.log(`| ${(await row(name)).join(" | ")} |`);
backend.close();

async function row(name) {
  const type = blockType(name);
  const ggml = { plain: 0, weighted: 0 };
  const ours = { plain: 0, weighted: 0 };
  const energy = { plain: 0, weighted: 0 };
  const fitting = weights.flatMap((weight, index) => (weight.columns % type.weights === 0 ? [index] : []));
  const stored = { ggml: [], ours: [], weighted: [] };
  let count = 0;
  let all = 0;
  weights.forEach((weight) => {
    all += weight.rows * weight.columns;
  });
  for (const index of fitting) {
    const { name: tensor, rows, columns: width } = weights[index];
    const values = new Float32Array(rows * width);
    decodeTerms(original[index], values, backend);
    const importance = statistics?.get(tensor);
    const block = { values, rows, columns: width };
    const bytes = (values.length / type.weights) * type.bytes;
    const [encoded, fitted, plain] = [new Uint8Array(bytes), new Uint8Array(bytes), new Uint8Array(bytes)];
    backend.blockEncode(block, name, encoded);
    backend.blockFit(block, name, plain);
    if (importance) backend.blockFit(block, name, fitted, importance);
    else fitted.set(plain);
    const terms = [encoded, plain, fitted].map((blocks) => [type.unpack(blocks, rows, width)]);
    const [theirs, alike, weighted] = terms.map((each) => errors(each, values, importance));
    ggml.plain += theirs.plain;
    ggml.weighted += theirs.weighted;
    ours.plain += alike.plain;
    ours.weighted += weighted.weighted;
    energy.plain += theirs.energy;
    energy.weighted += theirs.weightedEnergy;
    count += values.length;
    stored.ggml.push(terms[0]);
    stored.ours.push(terms[1]);
    stored.weighted.push(terms[2]);
  }
  const root = (error, total) => `${(100 * Math.sqrt(error / total)).toFixed(3)} %`;
  const change = (now, before) => `${(100 * (now / before - 1)).toFixed(1)} %`;
  const cells = [name, ((8 * type.bytes) / type.weights).toFixed(4), `${((100 * count) / all).toFixed(0)} %`];
  cells.push(root(ggml.plain, energy.plain), root(ours.plain, energy.plain), change(ours.plain, ggml.plain));
  if (statistics) {
    cells.push(root(ggml.weighted, energy.weighted), root(ours.weighted, energy.weighted));
    cells.push(change(ours.weighted, ggml.weighted));
  }
  for (const which of score ? ["ggml", "ours", ...(statistics ? ["weighted"] : [])] : []) {
    fitting.forEach((index, i) => {
      weights[index].terms = stored[which][i];
    });
    cells.push((await score()).toFixed(4));
  }
  weights.forEach((weight, index) => {
    weight.terms = original[index];
  });
  return cells;
}

/** Sums of (w − ŵ)² and w², each also times the importance of the column. */
function errors(terms, values, importance) {
  const decoded = new Float32Array(values.length);
  decodeTerms(terms, decoded, backend);
  const sums = { plain: 0, weighted: 0, energy: 0, weightedEnergy: 0 };
  for (
    let i = 0, column = 0;
    i < values.length;
    i++, column = column + 1 === terms[0].layout.columns ? 0 : column + 1
  ) {
    const h = importance ? importance[column] : 1;
    const error = (values[i] - decoded[i]) ** 2;
    sums.plain += error;
    sums.weighted += h * error;
    sums.energy += values[i] ** 2;
    sums.weightedEnergy += h * values[i] ** 2;
  }
  return sums;
}

async function perplexityOf() {
  const tokenizer = await openTokenizer(flags.model);
  const tokens = tokenizer.encode(readFileSync(flags.text, "utf8"));
  const options = {
    context: Number(flags.context),
    maxWindows: Number(flags.windows),
    beginToken: tokenizer.beginToken,
  };
  return async () => (await evaluateTokens(model, backend, tokens, options)).perplexity.mean;
}

/** Mean squares of the input features by weight: from the diagonal of the Hessian where that was collected. */
async function readStatistics(path) {
  const file = await openFile(await openFileSource(path));
  const { layers } = JSON.parse([...file.metadata.values()][0]["lowbit-statistics"]);
  const found = new Map();
  for (const [weight, { input, inFeatures }] of Object.entries(layers)) {
    const squares = file.tensor(`${input}.mean-square`);
    const tensor = squares ?? file.tensor(`${input}.hessian`);
    const bytes = new Uint8Array(tensor.byteLength);
    await file.read(tensor, 0, bytes);
    const values = tensor.dtype === "F64" ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
    found.set(
      weight,
      squares
        ? Float32Array.from(values)
        : Float32Array.from({ length: inFeatures }, (_, i) => values[(i * (i + 3)) / 2]),
    );
  }
  await file.close();
  return found;
}

/** The F32 matrices of a checkpoint that is no language model; of each the first `--rows`. */
async function plainMatrices(path) {
  const checkpoint = await openCheckpoint(path.endsWith(".safetensors") ? path : join(path, "model.safetensors"));
  const found = [];
  for (const tensor of checkpoint.tensors) {
    const [rows, width] = tensor.shape;
    if (tensor.shape.length !== 2 || tensor.dtype !== "F32" || width < 256) continue;
    const taken = Math.min(rows, Number(flags.rows ?? rows));
    const values = new Uint8Array(4 * taken * width);
    await checkpoint.read(tensor, 0, values);
    const layout = { kind: "dense", rows: taken, columns: width, valueDtype: "F32" };
    found.push({ name: tensor.name, rows: taken, columns: width, terms: [{ layout, arrays: { values } }] });
  }
  await checkpoint.close();
  return found;
}

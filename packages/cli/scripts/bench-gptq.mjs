// GPTQ of one layer by this program and by PyTorch (bench-gptq-torch.py), in turns on the same weights and Hessian with the
// same number of threads: medians, and how many codes agree. Needs a Python with torch and numpy; the program does not.
//
//   node scripts/bench-gptq.mjs --python /path/to/python [--size 4096] [--threads 1] [--rounds 5] [--backend native]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { relativeOutputError, unpackTriangle } from "@lowbit/core/quantizers";
import { decodeTerms, foldTransforms } from "@lowbit/core/terms";
import { unpackCodes } from "../../core/dist/bitpack/index.js";
import { layerQuantizer, measure } from "../dist/bench/calibrated.js";
import { generateLayer } from "../dist/bench/generated-layer.js";
import { median } from "../dist/bench/median.js";
import { openBackend } from "../dist/create-backend.js";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    size: { type: "string", default: "4096" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    backend: { type: "string" },
    bits: { type: "string", default: "4" },
    group: { type: "string", default: "128" },
    "act-order": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [size, threads, rounds, bits, group] = ["size", "threads", "rounds", "bits", "group"].map((name) =>
  Number(flags[name]),
);
const actOrder = flags["act-order"];

const { backend } = await openBackend(flags.backend, threads);
const folder = mkdtempSync(join(tmpdir(), "lowbit-gptq-"));
const layer = generateLayer(size, backend);
writeFileSync(join(folder, "weights.f32"), layer.weights);
writeFileSync(join(folder, "hessian.f32"), unpackTriangle(layer.hessian, size));

const script = fileURLToPath(new URL("bench-gptq-torch.py", import.meta.url));
const options = ["--size", size, "--threads", threads, "--bits", bits, "--group", group, "--half-scale"];
if (actOrder) options.push("--act-order");
const python = spawn(flags.python, [script, folder, ...options.map(String)], {
  stdio: ["pipe", "pipe", "inherit"],
  env: { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) },
});
const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
const answer = async () => {
  const { value, done } = await lines.next();
  if (done) throw new Error("PyTorch ended early.");
  return JSON.parse(value);
};

try {
  const { torch } = await answer();
  const quantize = layerQuantizer("gptq", { bits, group, actOrder });
  const ours = [];
  const theirs = [];
  let quantized;
  for (let round = 0; round < rounds; round++) {
    python.stdin.write("\n");
    theirs.push(await answer());
    const run = quantize(backend, layer);
    ours.push(measure(() => (quantized = run())));
  }
  python.stdin.end();
  const of = (runs, figure) => median(runs.map((run) => run[figure]));
  const figures = {
    machine: { backend: backend.name, isa: backend.isa, threads: backend.threads, torch },
    layer: { size, bits, group, actOrder },
    rounds,
    torch: { seconds: of(theirs, "seconds"), cpuSeconds: of(theirs, "cpuSeconds") },
    lowbit: { seconds: of(ours, "seconds"), cpuSeconds: of(ours, "cpuSeconds") },
    ratio: of(ours, "seconds") / of(theirs, "seconds"),
    cpuRatio: of(ours, "cpuSeconds") / of(theirs, "cpuSeconds"),
    ...compare(quantized, readFileSync(join(folder, "codes.u8")), theirs[0].outputError),
  };
  if (flags.json) console.log(JSON.stringify(figures, null, 1));
  else print(figures);
} finally {
  python.kill();
  rmSync(folder, { recursive: true, force: true });
  backend.close();
}

/** Our codes against theirs, in the order of the columns of the weights; and both output errors. */
function compare({ terms, inputTransforms }, codes, torchOutputError) {
  const [{ layout, arrays }] = terms;
  const indices = inputTransforms.find((transform) => transform.layout.kind === "permutation")?.arrays.indices;
  const order = indices && new Uint32Array(indices.buffer, indices.byteOffset, size);
  const line = new Uint8Array(size);
  const rowBytes = arrays.codes.length / size;
  let equal = 0;
  for (let row = 0; row < size; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), layout.bits, size, line);
    for (let i = 0; i < size; i++) if (line[i] === codes[row * size + (order?.[i] ?? i)]) equal++;
  }
  const decoded = { rows: size, columns: size, values: new Float32Array(size * size) };
  decodeTerms(terms, decoded.values, backend);
  foldTransforms(inputTransforms, decoded, backend);
  const weights = { rows: size, columns: size, values: layer.weights };
  const outputError = relativeOutputError(weights, decoded.values, layer.hessian, backend);
  return { equalCodes: equal / size ** 2, outputError, torchOutputError };
}

function print({ machine, rounds, torch, lowbit, ratio, cpuRatio, equalCodes, outputError, torchOutputError }) {
  const line = (name, { seconds, cpuSeconds }) =>
    `${name.padEnd(10)} ${seconds.toFixed(2)} s, processor time ${cpuSeconds.toFixed(2)} s`;
  console.log(
    [
      `GPTQ ${bits} bits g${group}${actOrder ? ", act-order" : ""} of ${size} × ${size} given H; ${machine.backend} on ${machine.isa}, PyTorch ${machine.torch}; ${threads} thread(s), medians of ${rounds} rounds in turns.`,
      line("PyTorch", torch),
      line("lowbit", lowbit),
      `ratio      ${ratio.toFixed(3)} by time, ${cpuRatio.toFixed(3)} by processor time`,
      `codes      ${(equalCodes * 100).toFixed(3)} % equal; relative output error ${outputError.toExponential(4)} and ${torchOutputError.toExponential(4)} (PyTorch)`,
    ].join("\n"),
  );
}

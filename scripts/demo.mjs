// npm run demo: sets everything up, then looks at the bundled model, lets it speak, quantizes it with every kind of method
// and prints what each one cost. Everything it writes lies in one folder under the system's temporary directory.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CALIBRATION_TEXT,
  evaluateBundledModel,
  MODEL,
  quantizeBundledModel,
  TEXT,
} from "./quantize-bundled-model.mjs";
import { ROOT, runTool, toolEnvironment } from "./toolchain.mjs";

const OUT = join(tmpdir(), "lowbit-demo");

if (runTool(process.execPath, [join(ROOT, "scripts", "setup.mjs")]) !== 0) process.exit(1);

const cli = join(ROOT, "packages", "cli", "dist", "main.js");
const node = (args, options = {}) =>
  execFileSync("node", [cli, ...args], { cwd: ROOT, env: toolEnvironment(), ...options });
const show = (...args) => {
  console.log(`\n$ lowbit ${args.join(" ")}`);
  node(args, { stdio: "inherit" });
};

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

show("doctor");
show("inspect", MODEL, "--tree");
show("stats", MODEL, "--tensor", "*layers.0.*");
show("stats", MODEL, "--outlier-map", "model.layers.2.self_attn.k_proj.weight", "--png", join(OUT, "outlier-map.png"));

show("generate", MODEL, "--prompt", "And it came to pass", "--max-tokens", "60", "--temperature", "0.8", "--seed", "3");

const { renderTable } = await import(join(ROOT, "packages", "cli", "dist", "output", "table.js"));
const { formatBytes } = await import(join(ROOT, "packages", "cli", "dist", "output", "quantities.js"));
const original = ["original", "", "16.000", "16.000", "16.000", evaluateBundledModel().mean.toFixed(2), "0", "", ""];
const rows = [original];
for (const run of quantizeBundledModel(OUT)) {
  console.error(`${run.method} ${run.options}: quantized and evaluated`);
  rows.push([
    run.method,
    run.options,
    run.claimedBitsPerWeight.toFixed(3),
    run.storedBitsPerWeight.toFixed(3),
    run.modelBitsPerWeight.toFixed(3),
    run.perplexity.toFixed(2),
    run.kl.toPrecision(3),
    formatBytes(run.outputBytes),
    run.seconds.toFixed(2),
  ]);
}
const right = (title) => ({ title, align: "right" });
console.log(`\n$ lowbit quantize ${MODEL} OUT --method METHOD …      (each line is one run; outputs in ${OUT})`);
console.log(
  `$ lowbit calibrate ${MODEL} --text ${CALIBRATION_TEXT} --out STATISTICS …      (gptq and all below it quantize with --statistics)`,
);
console.log(`$ lowbit evaluate OUT --text ${TEXT} --against ${MODEL}\n`);
console.log(
  renderTable(
    [
      { title: "method" },
      { title: "options" },
      ...["claimed bpw", "stored bpw", "model bpw", "perplexity", "KL", "file", "s"].map(right),
    ],
    rows,
  ),
);
console.log("\nclaimed: the paper's rule; stored: every byte of the quantized tensors; model: kept tensors included;");
console.log(`perplexity on ${TEXT}, text of the model itself; KL(original ‖ quantized) in nats a token;`);
console.log("s: the whole process that quantizes.");
console.log(`Outlier map of one matrix: ${join(OUT, "outlier-map.png")}`);

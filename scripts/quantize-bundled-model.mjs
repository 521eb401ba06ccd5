// Quantizes the bundled model with every kind of method and evaluates what comes out: the table of `npm run demo` and of
// the README.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, toolEnvironment } from "./toolchain.mjs";

export const MODEL = join("examples", "tiny-llama");
/** Text that the model itself made (examples/tiny-llama/sample.mjs). */
export const TEXT = join(MODEL, "sample.txt");

/** Method and options, from many bits to few. */
const SETTINGS = [
  ["rtn", "--bits", "8", "--group", "64"],
  ["rtn", "--bits", "4", "--group", "64"],
  ["hqq", "--bits", "4", "--group", "64"],
  ["nf4", "--group", "64"],
  ["rtn", "--bits", "3", "--group", "64"],
  ["hqq", "--bits", "3", "--group", "64"],
  ["binary-coding", "--planes", "3", "--group", "64"],
  ["rtn", "--bits", "2", "--group", "64"],
  ["hqq", "--bits", "2", "--group", "64"],
  ["binary-coding", "--planes", "2", "--group", "64"],
  ["ternary", "--rule", "least-squares", "--group", "64", "--packing", "base-3"],
  ["ternary", "--rule", "absmean", "--group", "tensor", "--packing", "base-3"],
  ["arb", "--group", "64"],
  ["binary", "--group", "64"],
  ["svid"],
];

/** The perplexity of the model as it is. */
export function evaluateBundledModel() {
  return runLowbit("evaluate", MODEL, "--text", TEXT).evaluation.perplexity;
}

/**
 * Runs every setting into folders of `outFolder`; yields the totals of each run's report with the seconds it took, and what
 * the result does on the text beside the original.
 */
export function* quantizeBundledModel(outFolder) {
  for (const [method, ...options] of SETTINGS) {
    const out = join(outFolder, [method, ...options].join("").replaceAll("--", "-"));
    const started = performance.now();
    const { totals } = runLowbit("quantize", MODEL, out, "--method", method, ...options);
    const seconds = (performance.now() - started) / 1000;
    const { evaluation, against } = runLowbit("evaluate", out, "--text", TEXT, "--against", MODEL);
    const { perplexity } = evaluation;
    const { divergence } = against.comparison;
    yield { method, options: options.join(" "), seconds, ...totals, perplexity: perplexity.mean, kl: divergence.mean };
  }
}

/** The JSON that a command prints; its progress is shown only when it fails. */
function runLowbit(...args) {
  const cli = join(ROOT, "packages", "cli", "dist", "main.js");
  const { status, stdout, stderr } = spawnSync("node", [cli, ...args, "--json"], {
    cwd: ROOT,
    env: toolEnvironment(),
    encoding: "utf8",
  });
  if (status === 0) return JSON.parse(stdout);
  throw new Error(`lowbit ${args.join(" ")} exited with ${status}\n${stdout}${stderr}`);
}

// Quantizes the bundled model with every kind of method and evaluates what comes out: the table of `npm run demo` and of
// the README.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, toolEnvironment } from "./toolchain.mjs";

export const MODEL = join("examples", "tiny-llama");
/** Text that the model itself made (examples/tiny-llama/sample.mjs). */
export const TEXT = join(MODEL, "sample.txt");
/** Another one, for methods that look at activations and gradients. */
export const CALIBRATION_TEXT = join(MODEL, "calibration.txt");

/** Data-free methods and their options, from many bits to few. */
const DATA_FREE = [
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

/** The same for methods that read statistics. */
const CALIBRATED = [
  ["gptq", "--bits", "4", "--group", "64", "--static-groups", "true"],
  ["awq", "--bits", "4", "--group", "64"],
  ["spqr", "--bits", "3"],
  ["gwq", "--bits", "3", "--group", "64", "--base", "gptq"],
  ["gptq", "--bits", "3", "--group", "64", "--static-groups", "true"],
  ["gptqt", "--bits", "3", "--group", "64"],
  ["gptq", "--bits", "2", "--group", "64", "--static-groups", "true"],
  ["arb-llm"],
  ["billm"],
  ["pb-llm"],
];

/** Bits per weight for which a method is chosen for every layer. */
const TARGET = "2.6";

/** The perplexity of the model as it is. */
export function evaluateBundledModel() {
  return runLowbit("evaluate", MODEL, "--text", TEXT).evaluation.perplexity;
}

/**
 * Runs every setting into folders of `outFolder`; yields the totals of each run's report with the seconds it took, and what
 * the result does on the text beside the original.
 */
export function* quantizeBundledModel(outFolder) {
  for (const [method, ...options] of DATA_FREE) yield quantize(outFolder, method, options, ["--method", method]);
  const statistics = join(outFolder, "statistics.safetensors");
  mkdirSync(outFolder, { recursive: true });
  const kinds = "hessian,mean-abs,gradient-abs,gradient-square";
  runLowbit(
    ...["calibrate", MODEL, "--text", CALIBRATION_TEXT, "--out", statistics, "--collect", kinds],
    ...["--samples", "64", "--sample-length", "128"],
  );
  const calibrated = ["--statistics", statistics];
  for (const [method, ...options] of CALIBRATED) {
    yield quantize(outFolder, method, options, ["--method", method, ...calibrated]);
  }
  yield quantize(outFolder, "a mix", ["--target-bpw", TARGET], calibrated);
}

function quantize(outFolder, method, options, further) {
  const out = join(outFolder, [method, ...options].join("").replaceAll("--", "-").replaceAll(" ", "-"));
  const started = performance.now();
  const { totals } = runLowbit("quantize", MODEL, out, ...options, ...further);
  const seconds = (performance.now() - started) / 1000;
  const { evaluation, against } = runLowbit("evaluate", out, "--text", TEXT, "--against", MODEL);
  const { perplexity } = evaluation;
  const { divergence } = against.comparison;
  return { method, options: options.join(" "), seconds, ...totals, perplexity: perplexity.mean, kl: divergence.mean };
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

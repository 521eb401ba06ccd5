// Quantizes the bundled model with every kind of method: the table of `npm run demo` and of the README.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT, toolEnvironment } from "./toolchain.mjs";

export const MODEL = join("examples", "tiny-llama");

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

/** Runs every setting into folders of `outFolder`; yields the totals of each run's report, with the seconds it took. */
export function* quantizeBundledModel(outFolder) {
  const cli = join(ROOT, "packages", "cli", "dist", "main.js");
  for (const [method, ...options] of SETTINGS) {
    const out = join(outFolder, [method, ...options].join("").replaceAll("--", "-"));
    const started = performance.now();
    const report = execFileSync("node", [cli, "quantize", MODEL, out, "--method", method, ...options, "--json"], {
      cwd: ROOT,
      env: toolEnvironment(),
      encoding: "utf8",
    });
    yield {
      method,
      options: options.join(" "),
      seconds: (performance.now() - started) / 1000,
      ...JSON.parse(report).totals,
    };
  }
}

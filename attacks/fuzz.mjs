// Fuzzes the built readers: node attacks/fuzz.mjs [--count 1000000] [--seed 1] [--format gguf]   (first: npm run build)
import { parseArgs } from "node:util";
import { ERROR_CODES, isLowbitError } from "../packages/core/dist/errors/index.js";
import { readGgufHeader, validateGguf } from "../packages/core/dist/gguf/index.js";
import {
  parseHeader,
  readHeaderBytes,
  readShardIndex,
  validateHeader,
} from "../packages/core/dist/safetensors/index.js";
import { fuzzGgufReader } from "./fuzz-gguf-reader.mjs";
import { fuzzReader } from "./fuzz-reader.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    format: { type: "string", default: "safetensors" },
  },
});
const FORMATS = {
  safetensors: (options) =>
    fuzzReader({ ERROR_CODES, isLowbitError, parseHeader, readHeaderBytes, readShardIndex, validateHeader }, options),
  gguf: (options) => fuzzGgufReader({ ERROR_CODES, isLowbitError, readGgufHeader, validateGguf }, options),
};
const fuzz = FORMATS[values.format];
if (fuzz === undefined) {
  console.error(`--format ${values.format}: known are ${Object.keys(FORMATS).join(", ")}`);
  process.exit(2);
}
const count = Number(values.count);
const SLICE = 50_000;

/** One input may take this much CPU time, compilation and garbage collection included; a hang takes for ever. */
const MAX_INPUT_MS = 1000;

const start = performance.now();
const refused = {};
let read = 0;
let slowestMs = 0;
for (let done = 0; done < count; done += SLICE) {
  const outcome = await fuzz({
    seed: Number(values.seed) + done / SLICE,
    count: Math.min(SLICE, count - done),
  });
  read += outcome.read;
  slowestMs = Math.max(slowestMs, outcome.slowestMs);
  for (const [code, times] of Object.entries(outcome.refused)) refused[code] = (refused[code] ?? 0) + times;
  if (outcome.slowestMs > MAX_INPUT_MS) {
    console.error(`input ${outcome.slowestInput} of seed ${outcome.seed} took ${outcome.slowestMs.toFixed(0)} ms`);
    process.exit(1);
  }
}
const seconds = (performance.now() - start) / 1000;
console.log(`${count} inputs in ${seconds.toFixed(0)} s, seed ${values.seed}: ${read} read, the rest refused by code:`);
for (const [code, times] of Object.entries(refused).sort(([, a], [, b]) => b - a)) console.log(`${times}\t${code}`);
console.log(
  `slowest input ${slowestMs.toFixed(1)} ms, peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
);

// Fuzzes the built reader: node attacks/fuzz.mjs [--count 1000000] [--seed 1]     (build first: npm run build)
import { parseArgs } from "node:util";
import { ERROR_CODES, isLowbitError } from "../packages/core/dist/errors/index.js";
import {
  parseHeader,
  readHeaderBytes,
  readShardIndex,
  validateHeader,
} from "../packages/core/dist/safetensors/index.js";
import { fuzzReader } from "./fuzz-reader.mjs";

const { values } = parseArgs({
  options: { count: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const count = Number(values.count);
const SLICE = 50_000;

/** One input may take this much CPU time, compilation and garbage collection included; a hang takes for ever. */
const MAX_INPUT_MS = 1000;

const reader = { ERROR_CODES, isLowbitError, parseHeader, readHeaderBytes, readShardIndex, validateHeader };
const start = performance.now();
const refused = {};
let read = 0;
let slowestMs = 0;
for (let done = 0; done < count; done += SLICE) {
  const outcome = await fuzzReader(reader, {
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

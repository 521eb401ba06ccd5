// What `lowbit quantize` and `lowbit compare` do, from code: streaming, atomic, in bounded memory.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareCheckpoints, quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";

const input = fileURLToPath(new URL("tiny-llama", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "lowbit-example-"));
const output = join(folder, "tiny-llama-hqq4");
// Workers make their own backend from a module: core imports no kernels itself.
const backend = { module: import.meta.resolve("@lowbit/kernels-wasm"), exportName: "createWasmBackend", argument: {} };

const report = await quantizeCheckpoint({
  input,
  output,
  quantizers: QUANTIZERS,
  plan: { method: "hqq", options: { bits: 4, group: 64 }, rules: [] },
  backend,
  threads: 2,
});
const { totals, error } = report;
console.log(`${totals.quantizedTensors} of ${totals.tensors} tensors quantized on ${report.backend}`);
console.log(
  `${totals.quantizedBitsPerWeight.toFixed(3)} bits per quantized weight, ${totals.bitsPerWeight.toFixed(3)} over the whole model`,
);
console.log(`SQNR ${error.sqnrDb.toFixed(2)} dB`);

const { quantizedError } = await compareCheckpoints({ left: input, right: output, backend, threads: 1 });
console.log(`compare says ${quantizedError.sqnrDb.toFixed(2)} dB`);
if (quantizedError.sqnrDb !== error.sqnrDb) throw new Error("the comparison disagrees with the report");
await rm(folder, { recursive: true });

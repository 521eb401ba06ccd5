// Quantize a matrix that is in memory: what does each method cost in bits, and what does it do to the values?

import { createReferenceBackend } from "@lowbit/core/backend";
import { quantizeMatrix } from "@lowbit/core/pipeline";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { decodeTerms, storedBitsPerWeight } from "@lowbit/core/terms";

const rows = 64;
const columns = 256;
// Gaussian weights: Box–Muller on two low-discrepancy sequences, so that every run prints the same.
const values = Float32Array.from({ length: rows * columns }, (_, i) => {
  const [u, v] = [((i + 0.5) * 0.6180339887) % 1, ((i + 0.5) * 0.7548776662) % 1];
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
});

const backend = createReferenceBackend();
for (const [method, options] of [
  ["rtn", { bits: 4, group: 64 }],
  ["hqq", { bits: 2, group: 64 }],
  ["binary-coding", { planes: 2, group: 64 }],
  ["ternary", { rule: "least-squares", group: "row", packing: "base-3" }],
  ["binary", { group: "row" }],
]) {
  const terms = quantizeMatrix(QUANTIZERS[method], { values, rows, columns }, options, backend);
  const decoded = new Float32Array(values.length);
  decodeTerms(terms, decoded, backend);
  const noise = values.reduce((sum, w, i) => sum + (w - decoded[i]) ** 2, 0);
  const signal = values.reduce((sum, w) => sum + w * w, 0);
  const bits = storedBitsPerWeight(
    { rows, columns },
    terms.map(({ layout }) => layout),
  );
  console.log(
    `${method.padEnd(14)} ${bits.toFixed(3)} bits a weight, relative squared error ${(noise / signal).toFixed(4)}`,
  );
}

// y = W x on packed terms: no decoded copy of the weights exists. With int8 activations the products are exact integers,
// so every backend gives the same bits.

import { createReferenceBackend } from "@lowbit/core/backend";
import { quantizeMatrix } from "@lowbit/core/pipeline";
import { ternary } from "@lowbit/core/quantizers/ternary";
import { createWasmBackend } from "@lowbit/kernels-wasm";

const rows = 8;
const columns = 256;
const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7) * 0.05);
const tokens = { values: Float32Array.from({ length: columns }, (_, i) => Math.cos(i * 0.9)), tokens: 1, columns };

const reference = createReferenceBackend();
const wasm = await createWasmBackend();
const [term] = quantizeMatrix(ternary, { values, rows, columns }, { group: "row" }, reference);

const answers = [reference, wasm].map((backend) => {
  const int8 = { codes: new Int8Array(columns), scale: new Float32Array(1), tokens: 1, columns };
  backend.quantizeActivations(tokens, int8);
  const y = new Float32Array(rows);
  backend.ternaryMultiplyInt8(term, int8, y);
  console.log(
    `${backend.name.padEnd(9)} ${backend.isa.padEnd(12)} ${Array.from(y, (value) => value.toFixed(4)).join(" ")}`,
  );
  return y;
});
if (answers[0].some((value, i) => value !== answers[1][i])) throw new Error("the backends disagree");
wasm.close();

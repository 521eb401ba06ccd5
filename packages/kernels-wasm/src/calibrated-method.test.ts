import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import { CALIBRATED_QUANTIZERS, resolveOptions } from "@lowbit/core/quantizers";
import { defineCalibratedMethods } from "@lowbit/kernels-conformance";
import { describe, expect, it } from "vitest";
import { createWasmBackend } from "./index.js";

const ROWS = 20;
const COLUMNS = 300;

/** Numbers in [−1, 1) that look random enough. */
const noise = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((Math.imul(i + seed, 0x9e3779b1) >>> 8) % 20_001) / 10_000 - 1);

function quantize(method: string, given: Readonly<Record<string, unknown>>, backend: KernelBackend): unknown {
  const quantizer = CALIBRATED_QUANTIZERS[method]!;
  const x = noise(2 * COLUMNS * COLUMNS, 7).map((value, i) => value + Math.sin(i / 3));
  const hessian = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
  createReferenceBackend().gramAccumulate({ values: x, rows: 2 * COLUMNS, columns: COLUMNS }, hessian);
  const shape = { rows: ROWS, columns: COLUMNS };
  const layer = {
    weights: { ...shape, values: noise(ROWS * COLUMNS, 1) },
    statistics: { name: "w", shape, inFeatures: COLUMNS, samples: 2, tokens: 2 * COLUMNS, values: { hessian } },
  };
  return quantizer.quantizeLayer(layer, resolveOptions(quantizer, given), backend);
}

defineCalibratedMethods("wasm", () => createWasmBackend());

describe("the loops of calibrated methods in WebAssembly memory", () => {
  it("go on where the memory moves between their ops", async () => {
    const wasm = await createWasmBackend();
    const wanted = quantize("gptq", { group: 64 }, wasm);
    let bytes = 1 << 26;
    const growing: KernelBackend = {
      ...wasm,
      affineFit(...operands) {
        bytes += 1 << 26;
        wasm.allocate(bytes);
        wasm.affineFit(...operands);
      },
    };
    expect(quantize("gptq", { group: 64 }, growing)).toEqual(wanted);
  });
});

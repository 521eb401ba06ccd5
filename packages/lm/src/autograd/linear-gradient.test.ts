import { createReferenceBackend } from "@lowbit/core/backend";
import type { InputTransform } from "@lowbit/core/terms";
import { writeScales } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LinearLayer } from "../model/layers.js";
import { relativeError, someValues } from "./gradient-check.fixture.js";
import { dequantizedLayer } from "./model-parameters.fixture.js";
import { RecordingOps } from "./recording-ops.js";
import { SummedGradients } from "./summed-gradients.js";

const backend = createReferenceBackend();
const [TOKENS, IN, OUT] = [5, 16, 8];

function scaledTransforms(columns: number): InputTransform[] {
  const scale = new Uint8Array(4 * columns);
  writeScales(
    Array.from({ length: columns }, (_, i) => 0.5 + (i % 5)),
    "F32",
    scale,
  );
  return [
    { layout: { kind: "channel-scale", columns, scaleDtype: "F32" }, arrays: { scale } },
    {
      layout: { kind: "hadamard", columns, size: 8 },
      arrays: { signs: Uint8Array.of(0x5a, 0xc3).subarray(0, columns / 8) },
    },
  ];
}

function layerOf(seed: number, inputTransforms: readonly InputTransform[], isTransposed = false): LinearLayer {
  const [rows, columns] = isTransposed ? [IN, OUT] : [OUT, IN];
  const layout = { kind: "dense", rows, columns, valueDtype: "F32" } as const;
  const terms = [{ layout, arrays: { values: new Uint8Array(someValues(rows * columns, seed).buffer) } }];
  const shape = { rows, columns, outFeatures: OUT, inFeatures: IN, isTransposed };
  return { name: "weight", ...shape, terms, inputTransforms, roundsActivations: true };
}

/** Output, and gradients for the output gradient r. */
function run(layer: LinearLayer, activationBits: 8 | 4) {
  const pool = new TensorPool(backend);
  const sums = new SummedGradients(pool);
  const ops = new RecordingOps(backend, { activationBits, parameters: sums }, pool);
  const x = pool.allocate(TOKENS, IN);
  x.values.set(someValues(TOKENS * IN, 1));
  const output = ops.linear(layer, x);
  const y = output.values.slice();
  const dy = pool.allocate(TOKENS, OUT);
  const r = someValues(TOKENS * OUT, 2);
  dy.values.set(r);
  const dx = ops.backward(output, dy, [x])[0]!.values.slice();
  let dWeight = new Float32Array();
  sums.visit((_name, _kind, gradient) => {
    dWeight = gradient.slice();
  });
  return { y, r, dx, dWeight };
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The folded weight, as stored. */
const folded = (layer: LinearLayer): Float32Array => {
  const { values } = dequantizedLayer(layer).terms[0]!.arrays as { values: Uint8Array };
  return new Float32Array(values.buffer);
};

describe("linearGradient with rounded activations", () => {
  it.each([
    { name: "plain", transforms: () => [], isTransposed: false },
    { name: "behind input transforms", transforms: scaledTransforms, isTransposed: false },
    { name: "transposed", transforms: () => [], isTransposed: true },
    { name: "transposed, behind input transforms", transforms: scaledTransforms, isTransposed: true },
  ])("$name: dW is exact for the rounded values, dX goes straight through", ({ transforms, isTransposed }) => {
    const columns = isTransposed ? OUT : IN;
    const layer = layerOf(3, transforms(columns), isTransposed);
    const { dWeight, dx, r } = run(layer, 4);
    // The output is linear in the weight, so its derivative along any other weight is that weight's output.
    const other = layerOf(4, transforms(columns), isTransposed);
    expect(dot(dWeight, folded(other))).toBeCloseTo(dot(run(other, 4).y, r), 3);
    // As without rounding: dX = dY · W.
    const w = folded(layer);
    const expected = Float32Array.from({ length: TOKENS * IN }, (_, at) => {
      const [token, i] = [Math.floor(at / IN), at % IN];
      let sum = 0;
      for (let o = 0; o < OUT; o++) sum += r[token * OUT + o]! * (isTransposed ? w[i * OUT + o]! : w[o * IN + i]!);
      return sum;
    });
    expect(relativeError(dx, expected)).toBeLessThan(1e-5);
  });
});

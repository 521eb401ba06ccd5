import { readFileSync } from "node:fs";
import type { KernelBackend } from "@lowbit/core/backend";
import type { LayerStatistics, StatisticValues } from "@lowbit/core/quantizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import type { LanguageModel } from "../model/language-model.js";
import { blockLinears } from "../model/layers.js";
import { loadModel } from "../node/open-model.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { type CalibrationSet, calibrationSet } from "./calibration-set.js";
import { collectGradients } from "./collect-gradients.js";
import { walkBlocks } from "./walk-blocks.js";

/** Made by `__golden__/make_statistics.py`. */
interface GoldenLayer {
  readonly features: readonly number[];
  readonly hessian: readonly (readonly number[])[];
  readonly meanAbs: readonly number[];
  readonly meanSquare: readonly number[];
  readonly weights: readonly (readonly [number, number])[];
  readonly gradientAbs: readonly number[];
  readonly gradientSquare: readonly number[];
  readonly meanGradientAbs: number;
}
const golden = JSON.parse(readFileSync(new URL("./__golden__/statistics.json", import.meta.url), "utf8")) as {
  readonly length: number;
  readonly ids: readonly number[];
  readonly layers: Readonly<Record<string, GoldenLayer>>;
};

/** Of f32 passes through six blocks against PyTorch's. */
const TOLERANCE = 1e-4;

function expectNear(found: number, expected: number, scale: number, what: string): void {
  expect(Math.abs(found - expected) / scale, `${what}: ${found}, PyTorch ${expected}`).toBeLessThan(TOLERANCE);
}

describe.each(testBackends)("statistics against transformers, $name", { timeout: 30_000 }, ({ name, create }) => {
  let backend: KernelBackend;
  let model: LanguageModel;
  let set: CalibrationSet;
  beforeAll(async () => {
    backend = await create();
    model = await loadModel(TINY_LLAMA, backend);
    set = await calibrationSet({ ids: Uint32Array.from(golden.ids), length: golden.length, vocabularySize: 2048 });
  });
  afterAll(() => {
    model.close();
    backend.close();
  });

  // The reference is slow: its gradients are checked op by op, against finite differences.
  const isReference = name === "reference";
  const dtypes = isReference ? (["F32"] as const) : (["F32", "F64"] as const);
  it.each(dtypes)("of inputs, in %s", async (dtype) => {
    const found = new Map<string, LayerStatistics>();
    const collect = ["hessian", "mean-abs", "mean-square"] as const;
    await walkBlocks(model, backend, set, { protocol: "original", collect, dtype }, ({ statistics }) => {
      for (const [name, layer] of statistics) found.set(name, layer);
      return undefined;
    });
    for (const [name, layer] of Object.entries(golden.layers)) {
      const { values } = found.get(name)!;
      expect(values.hessian).toBeInstanceOf(dtype === "F64" ? Float64Array : Float32Array);
      layer.features.forEach((i, row) => {
        expectNear(values["mean-abs"]![i]!, layer.meanAbs[row]!, layer.meanAbs[row]!, `mean |x| of ${name}`);
        expectNear(values["mean-square"]![i]!, layer.meanSquare[row]!, layer.meanSquare[row]!, `mean x² of ${name}`);
        layer.features.forEach((j, column) => {
          if (j > i) return;
          const scale = Math.sqrt(layer.hessian[row]![row]! * layer.hessian[column]![column]!);
          expectNear(values.hessian![(i * (i + 1)) / 2 + j]!, layer.hessian[row]![column]!, scale, `H of ${name}`);
        });
      });
    }
  });

  const compiledOnly = isReference ? [] : ["linear layers"];
  it.each(compiledOnly)("of weight gradients of %s", async () => {
    const sums = new Map<string, StatisticValues>();
    const sizes = new Map(model.blocks.flatMap(blockLinears).map((layer) => [layer.name, layer]));
    await collectGradients(model, backend, set, { kinds: ["gradient-abs", "gradient-square"] }, (tensor, change) => {
      const { rows, columns } = sizes.get(tensor.replace(/\.gradient-.*/, ""))!;
      if (!sums.has(tensor)) sums.set(tensor, new Float32Array(rows * columns));
      change(sums.get(tensor)!);
    });
    expect(sums.size).toBe(2 * 7 * model.blocks.length);
    for (const [name, layer] of Object.entries(golden.layers)) {
      const absolute = sums.get(`${name}.gradient-abs`)!;
      const square = sums.get(`${name}.gradient-square`)!;
      const mean = Float64Array.from(absolute).reduce((sum, value) => sum + value, 0) / absolute.length;
      const { columns } = sizes.get(name)!;
      expectNear(mean, layer.meanGradientAbs, layer.meanGradientAbs, `mean |g| of ${name}`);
      layer.weights.forEach(([row, column], i) => {
        const place = row * columns + column;
        // Single weights may have a gradient near 0: relative to the mean.
        const scale = Math.max(layer.gradientAbs[i]!, layer.meanGradientAbs);
        expectNear(absolute[place]!, layer.gradientAbs[i]!, scale, `|g| of ${name}`);
        expectNear(square[place]!, layer.gradientSquare[i]!, scale ** 2, `g² of ${name}`);
      });
    }
  });
});

import type { KernelBackend } from "@lowbit/core/backend";
import {
  CALIBRATED_QUANTIZERS,
  type LayerStatistics,
  type Method,
  QUANTIZERS,
  relativeOutputError,
  resolveOptions,
  roundToNearest,
  searchScales,
  tieChannels,
} from "@lowbit/core/quantizers";
import { type AffineLayout, decodeTerms } from "@lowbit/core/terms";
import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenTensors, memoryCheckpoint, readGolden } from "../architectures/golden-model.fixture.js";
import type { ModelSource } from "../model/language-model.js";
import { openModelSource } from "../model/open-model-source.js";
import { quantizeWeight } from "../quantize/quantize-weight.js";
import { scaleBlock } from "./awq-block.js";
import { type DoubleBlock, doubleBlock } from "./double-block.js";
import { doubleForward } from "./double-forward.fixture.js";
import { SCALE_SITES, type ScaleSite, siteConsumers, valueChannels } from "./merge-scales.js";

const GRID = { bits: 3, group: 16 } as const;
let backend: KernelBackend;
beforeAll(async () => {
  backend = await createNativeBackend();
});
afterAll(() => backend.close());

/** llama3 has four query heads for two value heads, qwen2 biases of v, llama2 neither. */
const FAMILIES = ["llama2", "llama3", "qwen2"];

async function openGolden(name: string): Promise<ModelSource> {
  const golden = readGolden(name);
  const checkpoint = await memoryCheckpoint(goldenTensors(golden));
  return openModelSource({ name, checkpoint, config: golden.config }, backend);
}

/** Inputs with a few large channels, the same for all layers of one width. */
function inputStatistics(name: string, columns: number): LayerStatistics {
  const tokens = 6 * columns;
  const x = Float32Array.from({ length: tokens * columns }, (_, i) => {
    const [token, column] = [Math.floor(i / columns), i % columns];
    return (Math.sin(1 + token * 12.9898 + column * column * 0.77) + Math.sin(token)) * (column % 7 === 2 ? 15 : 1);
  });
  const hessian = new Float64Array((columns * (columns + 1)) / 2);
  backend.gramAccumulate({ values: x, rows: tokens, columns }, hessian);
  const meanAbs = new Float64Array(columns);
  x.forEach((value, i) => {
    meanAbs[i % columns]! += Math.abs(value) / tokens;
  });
  const values = { hessian, "mean-abs": meanAbs };
  return { name, shape: { rows: 1, columns }, inFeatures: columns, samples: 1, tokens, values };
}

async function scaled(name: string) {
  const source = await openGolden(name);
  const part = async () => doubleBlock((await source.loadBlock(1)).part, backend);
  const [plain, merged] = [await part(), await part()];
  const columnsOf = new Map(
    SCALE_SITES.flatMap((site) => siteConsumers(plain, site)).map((l) => [l.name, l.inFeatures]),
  );
  const statistics = async (layer: string) => inputStatistics(layer, columnsOf.get(layer)!);
  await scaleBlock(merged, source.config, statistics, GRID, backend);
  return { config: source.config, plain, merged };
}

/** Error of the outputs of a site, both models on what its producer gives them: x, and x / s with the weights W · s. */
function siteError(plain: DoubleBlock, merged: DoubleBlock, site: ScaleSite, method: Method, options: object): number {
  let error = 0;
  siteConsumers(plain, site).forEach((layer, i) => {
    const { outFeatures: rows, inFeatures: columns, name } = layer;
    const values = Float32Array.from(siteConsumers(merged, site)[i]!.weight);
    const weights = { rows, columns, values };
    const { terms } = quantizeWeight({ name, weights }, { method, options }, backend);
    const approximation = new Float32Array(values.length);
    decodeTerms(terms, approximation, backend);
    // v is also scaled by rows: Ŵ as it acts on plain x is taken back element by element.
    const back = approximation.map((value, at) => (values[at] === 0 ? 0 : (value * layer.weight[at]!) / values[at]!));
    const original = { rows, columns, values: Float32Array.from(layer.weight) };
    error += relativeOutputError(original, back, inputStatistics(name, columns).values.hessian!, backend);
  });
  return error;
}

describe.each(FAMILIES)("AWQ's scales merged into a block of %s", (name) => {
  it("change none of its outputs", async () => {
    const { config, plain, merged } = await scaled(name);
    const x = Array.from({ length: 5 }, (_, t) =>
      Float64Array.from({ length: config.hiddenSize }, (__, i) => Math.sin(1 + t * 31 + i * i)),
    );
    const [expected, found] = [doubleForward(plain, config, x), doubleForward(merged, config, x)];
    found.forEach((row, t) => {
      row.forEach((value, i) => {
        expect(Math.abs(value - expected[t]![i]!)).toBeLessThan(1e-10 * Math.max(1, Math.abs(expected[t]![i]!)));
      });
    });
    for (const site of SCALE_SITES) {
      expect(siteConsumers(merged, site)[0]!.weight, site).not.toEqual(siteConsumers(plain, site)[0]!.weight);
    }
  });

  it("lower the errors of rounding at every input, to those of awq without a search", async () => {
    const { plain, merged } = await scaled(name);
    const rtn = QUANTIZERS["rtn"]!;
    const awq = CALIBRATED_QUANTIZERS["awq"]!;
    const rounding = resolveOptions(rtn, GRID);
    const unsearched = resolveOptions(awq, { ...GRID, scaleSearch: false, clipSearch: false });
    for (const site of SCALE_SITES) {
      const rounded = siteError(plain, plain, site, rtn, rounding);
      const found = siteError(plain, merged, site, rtn, rounding);
      expect(found, site).toBeLessThan(0.97 * rounded);
      expect(siteError(plain, merged, site, awq, unsearched), site).toBe(found);
    }
  });
});

it("inputs of o that read one channel of v get one scale: that of their mean magnitude", async () => {
  const { config, plain, merged } = await scaled("llama3");
  const { outFeatures: rows, inFeatures: columns, weight, name } = plain.output;
  const { hessian, "mean-abs": magnitudes } = inputStatistics(name, columns).values;
  const channels = valueChannels(plain, config);
  expect(new Set(channels).size).toBe((columns * config.keyValueHeadCount) / config.headCount);
  const weights = { rows, columns, values: Float32Array.from(weight) };
  const [layout] = QUANTIZERS["rtn"]!.layout(weights, resolveOptions(QUANTIZERS["rtn"]!, GRID));
  const input = { hessian: hessian!, meanAbs: tieChannels(magnitudes!, channels) };
  const addApproximation = roundToNearest(layout as AffineLayout, backend);
  const { inverse, ratio } = searchScales([weights], input, addApproximation, "F32", backend);
  expect(ratio).toBeGreaterThan(0);
  weight.forEach((value, at) => {
    expect(Math.abs(merged.output.weight[at]! * inverse[at % columns]! - value)).toBeLessThan(1e-12);
  });
});

it("needs both statistics, and a grid that AWQ has", async () => {
  const source = await openGolden("llama2");
  const block = doubleBlock((await source.loadBlock(0)).part, backend);
  for (const missing of ["hessian", "mean-abs"]) {
    const statistics = async (name: string) => {
      const all = inputStatistics(name, source.config.hiddenSize);
      return { ...all, values: { ...all.values, [missing]: undefined } } as LayerStatistics;
    };
    await expect(scaleBlock(block, source.config, statistics, GRID, backend)).rejects.toMatchObject({
      code: "quantize/missing-statistic",
    });
  }
  const settings = { bits: 9 };
  await expect(
    scaleBlock(block, source.config, async (name) => inputStatistics(name, 8), settings, backend),
  ).rejects.toMatchObject({ code: "options/invalid-value" });
});

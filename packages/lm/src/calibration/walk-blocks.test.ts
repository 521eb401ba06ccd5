import type { KernelBackend } from "@lowbit/core/backend";
import { quantizeMatrix } from "@lowbit/core/pipeline";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ComputeOps } from "../forward/compute-ops.js";
import { decodeRows } from "../forward/linear.js";
import { runBlock } from "../forward/run-block.js";
import { passContext } from "../forward/run-model.js";
import type { LanguageModel } from "../model/language-model.js";
import { type Block, blockLinears, type LinearLayer } from "../model/layers.js";
import type { CalibrationSet } from "./calibration-set.js";
import { replaceLayers } from "./replace-layers.js";
import { openTiny, tinySet } from "./tiny-calibration.fixture.js";
import { walkBlocks } from "./walk-blocks.js";

let backend: KernelBackend;
let model: LanguageModel;
let set: CalibrationSet;
beforeAll(async () => {
  ({ backend, model } = await openTiny());
  set = await tinySet();
});
afterAll(() => {
  model.close();
  backend.close();
});

const COLLECT = ["hessian", "mean-abs", "mean-square"] as const;
const OPTIONS = { collect: COLLECT, tokensPerBatch: 20 };

/** Round to nearest, 3 bits, groups of 64: coarse enough that inputs behind it differ visibly. */
function quantized(layer: LinearLayer): LinearLayer {
  const values = new Float32Array(layer.rows * layer.columns);
  decodeRows(layer, 0, layer.rows, values, backend);
  const block = { values, rows: layer.rows, columns: layer.columns };
  return { ...layer, terms: quantizeMatrix(QUANTIZERS["rtn"]!, block, { bits: 3, group: 64 }, backend) };
}

/** Inputs of every linear layer over the whole set in one batch, and the output; weights as `block` has them. */
function naivePass(block: Block, x: Float32Array): { inputs: Map<string, Float32Array>; output: Float32Array } {
  const inputs = new Map<string, Float32Array>();
  const ops = new ComputeOps(backend, { onLinear: (layer, seen) => inputs.set(layer.name, seen.values.slice()) });
  const batch = { tokens: set.ids, sequences: set.samples, length: set.length, firstPosition: 0 };
  const tensor = ops.make(set.ids.length, model.config.hiddenSize);
  tensor.values.set(x);
  const output = runBlock(ops, block, tensor, passContext(model, batch)).values.slice();
  ops.pool.trim();
  return { inputs, output };
}

function embedded(): Float32Array {
  const ops = new ComputeOps(backend);
  const positions = new Uint32Array(set.ids.length);
  return ops.embed(model.embedding, set.ids, positions).values.slice();
}

function expectStatistics({ inFeatures: size, values, name }: LayerStatistics, x: Float32Array): void {
  const tokens = set.ids.length;
  const second = new Float64Array(size * size);
  const absolute = new Float64Array(size);
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < size; i++) {
      absolute[i]! += Math.abs(x[token * size + i]!);
      for (let j = 0; j <= i; j++) second[i * size + j]! += x[token * size + i]! * x[token * size + j]!;
    }
  }
  const largest = second.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const found = (values.hessian![(i * (i + 1)) / 2 + j]! * set.samples) / 2;
      worst = Math.max(worst, Math.abs(found - second[i * size + j]!) / largest);
    }
    expect(values["mean-abs"]![i]! / (absolute[i]! / tokens), name).toBeCloseTo(1, 4);
    expect(values["mean-square"]![i]! / (second[i * size + i]! / tokens), name).toBeCloseTo(1, 4);
  }
  expect(worst, name).toBeLessThan(1e-5);
}

describe("walkBlocks", () => {
  it("original: statistics of every layer on the inputs of the model as it is", async () => {
    const seen = new Map<string, LayerStatistics>();
    await walkBlocks(model, backend, set, { ...OPTIONS, protocol: "original" }, ({ statistics, block, layers }) => {
      expect(layers).toEqual(expect.arrayContaining([...blockLinears(block)]));
      for (const [name, layer] of statistics) seen.set(name, layer);
      return replaceLayers(block, blockLinears(block).map(quantized));
    });
    expect([...seen.keys()].toSorted()).toEqual(
      model.blocks.flatMap((block) => blockLinears(block).map(({ name }) => name)).toSorted(),
    );
    let x = embedded();
    for (const block of model.blocks) {
      const { inputs, output } = naivePass(block, x);
      if (block.index === 0 || block.index === model.blocks.length - 1) {
        for (const [name, values] of inputs) expectStatistics(seen.get(name)!, values);
      }
      x = output;
    }
  });

  it("quantized: inputs come from the replaced blocks before", async () => {
    const seen = new Map<string, LayerStatistics>();
    await walkBlocks(model, backend, set, { ...OPTIONS, protocol: "quantized" }, ({ statistics, block, layers }) => {
      for (const [name, layer] of statistics) seen.set(name, layer);
      return replaceLayers(block, layers.map(quantized));
    });
    let x = embedded();
    for (const block of model.blocks) {
      if (block.index < 2) {
        for (const [name, values] of naivePass(block, x).inputs) expectStatistics(seen.get(name)!, values);
      }
      x = naivePass(replaceLayers(block, blockLinears(block).map(quantized)), x).output;
    }
  });

  it("true-sequential: each group behind the replaced groups before it", async () => {
    const turns: string[][] = [];
    const seen = new Map<string, LayerStatistics>();
    await walkBlocks(model, backend, set, { ...OPTIONS, protocol: "true-sequential" }, (visited) => {
      turns.push(visited.layers.map(({ name }) => name.split(".").at(-2)!));
      for (const [name, layer] of visited.statistics) seen.set(name, layer);
      return replaceLayers(visited.block, visited.layers.map(quantized));
    });
    const order = [["q_proj", "k_proj", "v_proj"], ["o_proj"], ["gate_proj", "up_proj"], ["down_proj"]];
    expect(turns).toEqual(model.blocks.flatMap(() => order));
    let x = embedded();
    for (const original of model.blocks.slice(0, 2)) {
      let block = original;
      for (const group of order) {
        const layers = blockLinears(block).filter(({ name }) => group.includes(name.split(".").at(-2)!));
        const { inputs } = naivePass(block, x);
        for (const { name } of layers) expectStatistics(seen.get(name)!, inputs.get(name)!);
        block = replaceLayers(block, layers.map(quantized));
      }
      x = naivePass(block, x).output;
    }
  });
});

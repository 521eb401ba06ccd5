import { describe, expect, it } from "vitest";
import type { SignLayout } from "../../terms/sign.js";
import { expectSoundLayer } from "../fits/expect-sound-layer.fixture.js";
import { HARD_LAYERS } from "../fits/hard-layers.fixture.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { keepMostImportant } from "../selection/keep-n-of-m.js";
import { smallLayer } from "../small-layer.fixture.js";
import { weightImportance } from "./importance.js";
import { stbllm } from "./stbllm.js";

const layer = smallLayer({ rows: 16, columns: 100 });
const { rows, columns, values } = layer.weights;

const zeros = (weights: Float32Array): number => weights.reduce((count, w) => count + (w === 0 ? 1 : 0), 0);

describe("stbllm", () => {
  it.each(HARD_LAYERS)("stores what its loop worked with: %s", (_, hard) => {
    for (const reference of [false, true]) expectSoundLayer(stbllm, { reference }, hard);
    expectSoundLayer(stbllm, { prune: 0, mean: true, block: 16 }, hard);
    expectSoundLayer(stbllm, { prune: 7, metric: "magnitude", salientLimit: 2 }, hard);
  });

  it.each([1, 2, 3, 4, 7])("after compensation %i of every 8 weights are 0, those of the mask", (prune) => {
    const { decoded } = quantizeLayer(stbllm, { prune, block: 32 }, layer);
    const importance = weightImportance(layer.weights, layer.statistics.values.hessian!);
    const kept = keepMostImportant({ values: importance, rows, columns }, prune);
    let others = 0;
    kept.forEach((keep, at) => {
      if (keep === 0) expect(decoded[at], `weight ${at}`).toBe(0);
      else if (decoded[at] === 0) others++;
    });
    // Where mean and scale are equal; nothing that compensation does.
    expect(others).toBeLessThan(values.length / 500);
  });

  it("leaves pruned weights out of every statistic: what they are changes nothing where inputs are independent", () => {
    const hessian = new Float64Array((columns * (columns + 1)) / 2);
    for (let j = 0; j < columns; j++) hessian[(j * (j + 3)) / 2] = 2;
    const independent = { ...layer, statistics: { ...layer.statistics, values: { hessian } } };
    const importance = weightImportance(layer.weights, hessian);
    const kept = keepMostImportant({ values: importance, rows, columns }, 4);
    const cleared = { ...layer.weights, values: values.map((w, at) => w * kept[at]!) };
    const options = { prune: 4, block: 32 };
    const plain = quantizeLayer(stbllm, options, independent);
    const beforehand = quantizeLayer(stbllm, options, { ...independent, weights: cleared });
    expect(beforehand.decoded).toEqual(plain.decoded);
  });

  it("as the released code keeps no zeros", () => {
    const { decoded } = quantizeLayer(stbllm, { reference: true }, layer);
    expect(zeros(decoded)).toBe(0);
  });

  it("stores three zones and marks pruned weights", () => {
    for (const prune of [0, 3]) {
      const layouts = quantizeLayer(stbllm, { prune }, layer).terms.map((term) => term.layout as SignLayout);
      expect(layouts.map(({ zones }) => zones)).toEqual([3, 1, 1]);
      expect(layouts.map(({ hasPruned }) => hasPruned ?? false)).toEqual(new Array(3).fill(prune > 0));
    }
  });

  it("errs more the more it prunes, and less than the released code", () => {
    const big = smallLayer({ rows: 48, columns: 128 });
    const error = (given: object): number => quantizeLayer(stbllm, { salientLimit: 12, ...given }, big).error;
    const strict = [2, 4, 6].map((prune) => error({ prune }));
    expect(strict[0]).toBeLessThan(strict[1]!);
    expect(strict[1]).toBeLessThan(strict[2]!);
    expect(strict[1]).toBeLessThan(error({ prune: 4, reference: true }));
  });

  it.each([
    [4, 0.55],
    [3, 0.7],
    [2, 0.8],
  ])("claims about what the paper does: prune %i, %d bits", (prune, paper) => {
    const options = resolveOptions(stbllm, { prune, salientLimit: 13 });
    expect(Math.abs(stbllm.claimedBitsPerWeight({ rows: 4096, columns: 4096 }, options) - paper)).toBeLessThan(0.03);
  });
});

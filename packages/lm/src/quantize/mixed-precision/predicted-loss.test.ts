import { readFileSync } from "node:fs";
import type { StatisticValues } from "@lowbit/core/quantizers";
import { createNativeBackend } from "@lowbit/kernels-native";
import { expect, it } from "vitest";
import { collectStatistics } from "../../calibration/collect-statistics.js";
import { randomWindows } from "../../calibration/random-windows.js";
import { replaceLayers } from "../../calibration/replace-layers.js";
import { statisticTensor } from "../../calibration/statistics-schema.js";
import { evaluateTokens } from "../../evaluate/evaluate-tokens.js";
import { inputGroups } from "../../model/input-groups.js";
import { loadModel } from "../../node/open-model.js";
import { openTokenizer } from "../../node/open-tokenizer.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { METHODS } from "../method-table.js";
import { quantizeLayer } from "../quantize-layer.js";
import { resolveCandidates } from "./candidate.js";
import { type CandidateFigures, measureLayer } from "./measure-layer.js";
import { spearman } from "./spearman.fixture.js";

const [SAMPLES, LENGTH] = [8, 128];

it("the predicted loss ranks layers like the measured one, one layer at 2 bits at a time", {
  timeout: 60_000,
}, async () => {
  const backend = await createNativeBackend();
  const model = await loadModel(TINY_LLAMA, backend);
  const { encode, beginToken } = await openTokenizer(TINY_LLAMA);
  const text = encode(readFileSync(`${TINY_LLAMA}/sample.txt`, "utf8"));
  const [seen, heldOut] = [text.subarray(0, 4000), text.subarray(4000)];
  const set = await randomWindows(seen, {
    samples: SAMPLES,
    length: LENGTH,
    seed: 0,
    vocabularySize: model.config.vocabularySize,
    beginToken: beginToken!,
  });
  // Of every other block a layer of each group.
  const layers = model.blocks
    .filter(({ index }) => index % 2 === 1)
    .flatMap((block) => inputGroups(block).map((group) => ({ layer: group.at(-1)!, input: group[0]!.name, block })));
  const sums = new Map<string, StatisticValues>();
  await collectStatistics(
    model,
    backend,
    set,
    { kinds: ["hessian", "gradient-square"], dtype: "F32" },
    {
      async put(name, found) {
        sums.set(name, found.slice());
      },
      update(name, change) {
        const layer = layers.find((each) => statisticTensor(each.layer.name, "gradient-square") === name);
        if (layer === undefined) return;
        const found = sums.get(name) ?? new Float32Array(layer.layer.rows * layer.layer.columns);
        change(found);
        sums.set(name, found);
      },
    },
  );
  const [candidate] = resolveCandidates([{ method: "rtn", options: { bits: 2, group: 128 } }], METHODS);
  const protocol = { context: 128, beginToken: beginToken!, maxWindows: 8 };
  const base = (await evaluateTokens(model, backend, heldOut, protocol)).nll.mean;
  const [predicted, measured] = [[] as number[], [] as number[]];
  for (const { layer, input, block } of layers) {
    const statistics = {
      name: layer.name,
      shape: { rows: layer.rows, columns: layer.columns },
      inFeatures: layer.inFeatures,
      samples: SAMPLES,
      tokens: SAMPLES * LENGTH,
      values: {
        hessian: sums.get(statisticTensor(input, "hessian"))!,
        "gradient-square": sums.get(statisticTensor(layer.name, "gradient-square"))!,
      },
    };
    const { figures } = await measureLayer(layer, statistics, [candidate!], backend);
    predicted.push((figures[candidate!.label] as CandidateFigures).cost);
    const { layer: changed } = quantizeLayer(layer, candidate!.choice, statistics, backend);
    const blocks = model.blocks.map((each) => (each === block ? replaceLayers(each, [changed]) : each));
    measured.push((await evaluateTokens({ ...model, blocks }, backend, heldOut, protocol)).nll.mean - base);
  }
  expect(spearman(predicted, measured)).toBeGreaterThan(0.6);
  model.close();
  backend.close();
});

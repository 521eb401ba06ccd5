import { fileURLToPath } from "node:url";
import { createReferenceBackend } from "@lowbit/core/backend";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { blockLinears } from "../model/layers.js";
import { openModel } from "../node/open-model.js";
import { calibrationSet } from "./calibration-set.js";
import { type CalibrationProtocol, walkBlocks } from "./walk-blocks.js";

const backend = createReferenceBackend();
const golden = (name: string): string =>
  fileURLToPath(new URL(`../autograd/__golden__/${name}/model.safetensors`, import.meta.url));

/** Fused projections, parallel residuals, learned positions, transposed weights, biases and norms of heads. */
const GROUPS = {
  gpt2: [["c_attn"], ["c_proj"], ["c_fc"], ["c_proj"]],
  "gpt-neox": [["query_key_value"], ["dense"], ["dense_h_to_4h"], ["dense_4h_to_h"]],
  qwen3: [["q_proj", "k_proj", "v_proj"], ["o_proj"], ["gate_proj", "up_proj"], ["down_proj"]],
};

describe.each(Object.entries(GROUPS))("walkBlocks of %s", (name, groups) => {
  it("gives every layer the same statistics in one pass and group by group", async () => {
    const source = await openModel(golden(name), backend);
    const { vocabularySize, blockCount } = source.config;
    const ids = Uint32Array.from({ length: 3 * 5 }, (_, i) => (i * 11) % vocabularySize);
    const set = await calibrationSet({ ids, length: 5, vocabularySize });
    const walked = async (protocol: CalibrationProtocol) => {
      const found = new Map<string, LayerStatistics>();
      const turns: string[][] = [];
      const options = { protocol, collect: ["hessian", "mean-square"], tokensPerBatch: 10 } as const;
      await walkBlocks(source, backend, set, options, ({ layers, block, statistics }) => {
        turns.push(layers.map((layer) => layer.name.split(".").at(-2)!));
        expect([...statistics.keys()]).toEqual(layers.map((layer) => layer.name));
        for (const layer of layers) {
          const own = statistics.get(layer.name)!;
          expect(own.inFeatures).toBe(layer.isTransposed ? layer.rows : layer.columns);
          expect(own.values["mean-square"]!.length).toBe(layer.inFeatures);
          found.set(layer.name, own);
        }
        if (protocol === "original") expect(layers).toEqual(blockLinears(block));
        return undefined;
      });
      return { found, turns };
    };
    const once = await walked("original");
    const sequential = await walked("true-sequential");
    expect(sequential.turns).toEqual(Array.from({ length: blockCount }, () => groups).flat());
    expect([...sequential.found.keys()]).toEqual([...once.found.keys()]);
    for (const [layer, { values }] of once.found) expect(sequential.found.get(layer)!.values).toEqual(values);
    await source.close();
  });
});

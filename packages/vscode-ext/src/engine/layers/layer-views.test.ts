import type { LogicalWeight } from "@lowbit/core/layouts";
import type { CheckpointTensor } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import type { LayerQuery, LayerWindow } from "../../protocol/layer-messages.js";
import { layerRows } from "../model/layer-row.js";
import { createStatisticsStore } from "../statistics-store.js";
import { createLayerViews } from "./layer-views.js";

const tensor = (name: string, shape: readonly number[], dtype: "BF16" | "U8" = "BF16"): CheckpointTensor => ({
  name,
  dtype,
  shape,
  shard: "model.safetensors",
  byteOffset: 0,
  byteLength: shape.reduce((product, size) => product * size, dtype === "BF16" ? 2 : 1),
});

function plain(name: string, shape: readonly number[] = [4, 8]): LogicalWeight {
  const only = tensor(name, shape);
  return { kind: "plain", name, shape, dtype: "BF16", byteLength: only.byteLength, tensors: [only] };
}

function quantized(name: string): LogicalWeight {
  const tensors = [tensor(`${name}.codes`, [4, 4], "U8"), tensor(`${name}.scale`, [4, 1])];
  return {
    kind: "quantized",
    layout: "gptq",
    ...{ name, shape: [4, 8], dtype: "BF16", byteLength: 24, tensors, terms: [], transforms: [] },
    open: () => Promise.reject(new Error("nothing is read")),
  };
}

const block = (number: number): LogicalWeight[] => [
  plain(`model.layers.${number}.mlp.down.weight`),
  plain(`model.layers.${number}.norm.weight`, [8]),
];
const ROWS = layerRows([
  plain("model.embed.weight", [16, 8]),
  ...block(0),
  ...block(1),
  ...block(2),
  quantized("model.head.weight"),
]);
const QUERY: LayerQuery = {
  sort: "name",
  descending: false,
  filter: "",
  tree: true,
  foldEqual: true,
  unfolded: "all",
};

const statistics = createStatisticsStore();
const views = createLayerViews(ROWS, statistics);
const all = (query: Partial<LayerQuery> = {}): LayerWindow => views.window({ ...QUERY, ...query }, 0, 100);
const labels = (query: Partial<LayerQuery> = {}): string[] =>
  all(query).rows.map(({ depth, label }) => `${"  ".repeat(depth)}${label}`);

describe("the tree-table", () => {
  it("shows modules with their totals, equal neighbours once", () => {
    expect(labels()).toEqual([
      "model",
      "  embed.weight",
      "  layers",
      "    0 … 2",
      "      mlp.down.weight",
      "      norm.weight",
      "  head.weight",
    ]);
    const { rows, weights, lines } = all();
    expect({ weights, lines }).toEqual({ weights: 8, lines: 7 });
    expect(rows[3]).toMatchObject({ kind: "module", equal: 3, parameters: 3 * 40, bytes: 3 * 80, storage: "BF16" });
    expect(rows[3]).toMatchObject({ storedBitsPerWeight: 16, claimedBitsPerWeight: 16, isQuantized: false });
    expect(rows[0]).toMatchObject({ isQuantized: true, storage: "BF16, gptq: " });
    expect(rows[6]).toMatchObject({ kind: "weight", canUnfold: true, isUnfolded: false, storedBitsPerWeight: 6 });
  });

  it("shows every block where equal ones are not folded", () => {
    expect(all({ foldEqual: false }).lines).toBe(4 + 3 * 3);
  });

  it("unfolds what is named, and the other way round what is excepted", () => {
    expect(labels({ unfolded: [] })).toEqual(["model"]);
    expect(labels({ unfolded: ["m:model"] })).toHaveLength(4);
    expect(labels({ except: ["m:model.layers"] })).not.toContain("    0 … 2");
    const parts = all({ except: ["w:model.head.weight"] }).rows.filter(({ kind }) => kind === "part");
    expect(parts).toMatchObject([
      { label: "codes", name: "model.head.weight.codes", depth: 2, positionInSet: 1, setSize: 2, storage: "U8" },
      { label: "scale", positionInSet: 2, bytes: 8 },
    ]);
  });

  it("has ids that are unique and stay", () => {
    const ids = all({ foldEqual: false, except: ["w:model.head.weight"] }).rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      all({ sort: "bytes" })
        .rows.map(({ id }) => id)
        .toSorted(),
    ).toEqual(
      all()
        .rows.map(({ id }) => id)
        .toSorted(),
    );
  });

  it("answers windows inside and outside", () => {
    expect(views.window(QUERY, 2, 4).rows.map(({ label }) => label)).toEqual(["layers", "0 … 2"]);
    expect(views.window(QUERY, 50, 60)).toMatchObject({ lines: 7, begin: 7, rows: [] });
  });

  it("filters by text and glob, as if only these weights were there", () => {
    expect(labels({ filter: "NORM" })).toEqual(["model.layers", "  0 … 2.norm.weight"]);
    const globbed = all({ filter: "*.1.*", foldEqual: false });
    expect(globbed.weights).toBe(2);
    expect(globbed.rows.map(({ label }) => label)).toEqual(["model.layers.1", "mlp.down.weight", "norm.weight"]);
    expect(all({ filter: "nothing" })).toEqual({ lines: 0, weights: 0, begin: 0, rows: [] });
    expect(all({ filter: "model" })).toEqual(all());
    for (const filter of ["[", "(((((a+)+)+)+)+b", "\\", "*?*?*?*?*?*?*?*?*?*?*!"]) {
      expect(all({ filter }).weights, filter).toBeLessThanOrEqual(8);
    }
  });

  it("sorts siblings, those without a figure last", () => {
    statistics.putLayer({
      ...{ name: "model.layers.1.norm.weight", absMaximum: 2, rms: 1, std: 1, kurtosis: 3, outlierShare: 0 },
      ...{ nanCount: 0, infiniteCount: 1, zeroCount: 0 },
    });
    const flat = { tree: false, sort: "absMaximum" } as const;
    expect(all(flat).rows[0]?.name).toBe("model.layers.1.norm.weight");
    expect(all({ ...flat, descending: true }).rows[0]).toMatchObject({ statistics: { absMaximum: 2 } });
    expect(all({ tree: false, sort: "bytes", descending: true }).rows[0]?.name).toBe("model.embed.weight");
    const tree = all({ foldEqual: false, sort: "nonFiniteCount", descending: true });
    expect(tree.rows.slice(0, 3).map(({ label }) => label)).toEqual(["model", "layers", "1"]);
    expect(all({ tree: false, descending: true }).rows.map(({ name }) => name)).toEqual(
      ROWS.map(({ name }) => name).toReversed(),
    );
  });
});

describe("locating a weight", () => {
  it("finds its line, unfolding what hides it", () => {
    const name = "model.layers.2.norm.weight";
    const folded: LayerQuery = { ...QUERY, foldEqual: false, except: ["m:model.layers", "m:model.layers.2"] };
    const { line, unfolded } = views.locate(folded, name);
    expect(unfolded).toEqual(["m:model.layers", "m:model.layers.2"]);
    expect(views.window({ ...folded, except: [] }, line, line + 1).rows[0]).toMatchObject({ name });
    const listed = views.locate({ ...QUERY, unfolded: ["m:model"] }, "model.layers.0.norm.weight");
    expect(listed.unfolded).toEqual(["m:model.layers", "m:model.layers.0 … 2"]);
  });

  it("finds the line that stands for it among equal ones", () => {
    const { line } = views.locate(QUERY, "model.layers.2.mlp.down.weight");
    expect(all().rows[line]).toMatchObject({ label: "mlp.down.weight", name: "model.layers.0.mlp.down.weight" });
  });

  it("says that it is not there", () => {
    for (const [filter, name] of [
      ["norm", "model.embed.weight"],
      ["", "model"],
      ["", "model.layers.3.norm.weight"],
    ] as const) {
      expect(views.locate({ ...QUERY, filter }, name)).toEqual({ line: -1, unfolded: [] });
    }
  });
});

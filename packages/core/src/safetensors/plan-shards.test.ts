import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { keepSplit, planShards, shardIndexText } from "./plan-shards.js";
import { readShardIndex } from "./shard-index.js";

const spec = (name: string, bytes: number) => ({ name, dtype: "U8" as const, shape: [bytes] });
const names = (shards: readonly { readonly tensors: readonly { readonly name: string }[] }[]) =>
  shards.map((shard) => shard.tensors.map((tensor) => tensor.name).join(""));

describe("planShards", () => {
  it("fills shards up to the size exactly, in the given order", () => {
    const shards = planShards([spec("a", 6), spec("b", 4), spec("c", 1), spec("d", 10)], 10);
    expect(names(shards)).toEqual(["ab", "c", "d"]);
    expect(shards.map((shard) => shard.name)).toEqual([
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
    ]);
  });

  it("gives a tensor larger than a shard its own, never an empty one", () => {
    expect(names(planShards([spec("a", 99), spec("b", 1), spec("c", 99)], 10))).toEqual(["a", "b", "c"]);
  });

  it("makes one plain file when everything fits, and of nothing", () => {
    expect(planShards([spec("a", 5)], Number.POSITIVE_INFINITY).map((shard) => shard.name)).toEqual([
      "model.safetensors",
    ]);
    expect(planShards([], 1)).toEqual([{ name: "model.safetensors", tensors: [] }]);
  });
});

describe("keepSplit", () => {
  it("keeps names and order of the shards", () => {
    const shardOf = (tensor: { name: string }) => `x-0000${tensor.name < "c" ? 1 : 2}-of-00002.safetensors`;
    const shards = keepSplit([spec("a", 1), spec("b", 1), spec("c", 1)], shardOf);
    expect(names(shards)).toEqual(["ab", "c"]);
    expect(shards.map((shard) => shard.name)).toEqual(["x-00001-of-00002.safetensors", "x-00002-of-00002.safetensors"]);
  });

  it("refuses a set that nobody could open again", () => {
    expect(() => keepSplit([spec("a", 1)], () => "x-00001-of-00002.safetensors")).toThrow(
      expect.objectContaining({ code: "safetensors/index-missing-shard" }),
    );
    expect(() => keepSplit([spec("a", 1)], () => "../x.safetensors")).toThrow(
      expect.objectContaining({ code: "safetensors/index-path-escape" }),
    );
  });
});

describe("shardIndexText", () => {
  it("is what readShardIndex reads, sorted, with the total size", async () => {
    const shards = planShards([spec("b", 6), spec('a"\n', 6), spec("__proto__", 3)], 10);
    const text = shardIndexText(shards);
    expect(text).toBe(
      '{\n  "metadata": {\n    "total_size": 15\n  },\n  "weight_map": {\n' +
        '    "__proto__": "model-00002-of-00002.safetensors",\n' +
        '    "a\\"\\n": "model-00002-of-00002.safetensors",\n' +
        '    "b": "model-00001-of-00002.safetensors"\n  }\n}\n',
    );
    const index = await readShardIndex(createMemorySource(new TextEncoder().encode(text)));
    expect(index.totalSize).toBe(15);
    expect([...index.shardOf.keys()]).toEqual(["__proto__", 'a"\n', "b"]);
  });

  it("is valid for a model without tensors", () => {
    expect(JSON.parse(shardIndexText(planShards([], 1)))).toEqual({ metadata: { total_size: 0 }, weight_map: {} });
  });
});

import { describe, expect, it } from "vitest";
import { groupModels } from "./group-models.js";

const labels = (paths: readonly string[]): string[] => groupModels(paths, "root").map(({ label }) => label);

describe("groupModels", () => {
  it("takes an index with its shards for one model, named after the directory", () => {
    const shards = ["llama/model-00001-of-00002.safetensors", "llama/model-00002-of-00002.safetensors"];
    expect(groupModels([...shards, "llama/model.safetensors.index.json"], "root")).toEqual([
      {
        label: "llama",
        directory: "llama",
        file: "model.safetensors.index.json",
        files: ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
      },
    ]);
  });

  it("takes shards without an index for one model that is a directory", () => {
    const [model, ...rest] = groupModels(["a/m-00001-of-00002.safetensors", "a/m-00002-of-00002.safetensors"], "root");
    expect(rest).toEqual([]);
    expect(model).toMatchObject({ label: "a", directory: "a" });
    expect(model?.file).toBeUndefined();
  });

  it("opens the first split of a GGUF file", () => {
    const found = groupModels(["m-00002-of-00002.gguf", "m-00001-of-00002.gguf"], "root");
    expect(found).toMatchObject([{ label: "m-00001-of-00002.gguf", file: "m-00001-of-00002.gguf" }]);
    expect(found[0]?.files).toHaveLength(2);
  });

  it("keeps two models of one directory apart, and shards of another index", () => {
    expect(labels(["d/model.safetensors", "d/model-q4.gguf"])).toEqual(["model-q4.gguf", "model.safetensors"]);
    expect(labels(["d/a.safetensors.index.json", "d/a-00001-of-00001.safetensors", "d/b.safetensors"])).toEqual([
      "a.safetensors.index.json",
      "b.safetensors",
    ]);
  });

  it("orders numbers by value, and calls the model of the root after the folder", () => {
    expect(labels(["run-10/x.gguf", "run-9/x.gguf", "model.safetensors"])).toEqual(["root", "x.gguf", "x.gguf"]);
    expect(groupModels(["run-10/x.gguf", "run-9/x.gguf"], "root").map(({ directory }) => directory)).toEqual([
      "run-9",
      "run-10",
    ]);
  });
});

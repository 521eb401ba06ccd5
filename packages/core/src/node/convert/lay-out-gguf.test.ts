import { describe, expect, it } from "vitest";
import type { GgufMetadata } from "../../gguf/gguf-value.js";
import type { GgufTensorSpec } from "../../gguf/write-gguf.js";
import { layOutGgufOutput } from "./lay-out-gguf.js";

const METADATA: GgufMetadata = new Map();
const TENSORS: GgufTensorSpec[] = ["a", "b", "c"].map((name) => ({ name, shape: [4, 32], type: "Q8_0" }));

describe("layOutGgufOutput", () => {
  it("names one file as the output", () => {
    const { files, places } = layOutGgufOutput("out/x.gguf", METADATA, TENSORS);
    expect(files.map(({ name }) => name)).toEqual(["x.gguf"]);
    expect(places.get("c")).toMatchObject({ file: "x.gguf", byteLength: 136 });
    expect(places.get("b")!.byteOffset - places.get("a")!.byteOffset).toBe(160);
  });

  it("splits into a directory as llama.cpp names the parts", () => {
    const { files, places } = layOutGgufOutput("out", METADATA, TENSORS, 272);
    expect(files.map(({ name }) => name)).toEqual(["model-00001-of-00002.gguf", "model-00002-of-00002.gguf"]);
    expect(places.get("c")!.file).toBe("model-00002-of-00002.gguf");
    expect(layOutGgufOutput("out", METADATA, TENSORS).files.map(({ name }) => name)).toEqual(["model.gguf"]);
  });

  it("convert/output-path: one file cannot be split", () => {
    expect(() => layOutGgufOutput("x.gguf", METADATA, TENSORS, 150)).toThrow(
      expect.objectContaining({ code: "convert/output-path" }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { planGgufSplits, writeGguf } from "../gguf/index.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { shardIndexText } from "../safetensors/plan-shards.js";
import { type TensorData, writeSafetensors } from "../safetensors/write-safetensors.js";
import { openCheckpointFile } from "./open-checkpoint-file.js";
import { type MemoryFile, openCheckpointFiles } from "./open-checkpoint-files.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const tensor = (name: string, byte: number): TensorData => ({
  name,
  dtype: "U8",
  shape: [1],
  data: Uint8Array.of(byte),
});
const names = ({ tensors }: Checkpoint): string[] => tensors.map(({ name }) => name);
const plain: MemoryFile = { name: "model.safetensors", bytes: writeSafetensors([tensor("a", 7)]) };
const config: MemoryFile = { name: "config.json", bytes: text('{"model_type":"llama"}') };

const shards = [
  { name: "model-00001-of-00002.safetensors", tensors: [tensor("a", 1)] },
  { name: "model-00002-of-00002.safetensors", tensors: [tensor("b", 2)] },
];
const sharded: MemoryFile[] = [
  { name: "model.safetensors.index.json", bytes: text(shardIndexText(shards)) },
  ...shards.map((shard) => ({ name: shard.name, bytes: writeSafetensors(shard.tensors) })),
];
const ggufTensors = ["x", "y"].map((name) => ({ name, shape: [1], type: "F32", data: new Uint8Array(4) }) as const);
const ggufMetadata = new Map([["general.architecture", { type: "string", value: "llama" }]] as const);
const splits = planGgufSplits("m", ggufMetadata, ggufTensors, 4).map(
  (file): MemoryFile => ({ name: file.name, bytes: writeGguf(file.metadata, file.tensors) }),
);

describe("openCheckpointFiles", () => {
  it("opens the file that is named, with its configuration, and reads its bytes", async () => {
    const checkpoint = await openCheckpointFiles("/folder/model.safetensors", [config, plain]);
    expect(checkpoint).toMatchObject({ name: "/folder/model.safetensors", config: { model_type: "llama" } });
    const byte = new Uint8Array(1);
    await checkpoint.read(checkpoint.tensor("a")!, 0, byte);
    expect(byte[0]).toBe(7);
  });

  it("opens all shards by their index, and one shard by its own name", async () => {
    expect(names(await openCheckpointFiles("model.safetensors.index.json", [config, ...sharded]))).toEqual(["a", "b"]);
    expect(names(await openCheckpointFiles(shards[1]!.name, sharded))).toEqual(["b"]);
    await expect(openCheckpointFiles("model.safetensors.index.json", sharded.slice(0, 2))).rejects.toMatchObject({
      code: "safetensors/index-missing-shard",
    });
  });

  it("opens the files as a directory under any other name", async () => {
    expect(names(await openCheckpointFiles("folder", sharded))).toEqual(["a", "b"]);
    expect(names(await openCheckpointFiles("folder", sharded.slice(1)))).toEqual(["a", "b"]);
    expect((await openCheckpointFiles("folder", [plain])).name).toBe("folder");
    await expect(openCheckpointFiles("folder", [config])).rejects.toMatchObject({ code: "safetensors/no-model" });
  });

  it("knows GGUF by its first bytes, and opens a split model by any part", async () => {
    const bytes = writeGguf(ggufMetadata, ggufTensors);
    for (const name of ["m.gguf", "weights.bin", "m.safetensors"]) {
      expect(names(await openCheckpointFiles(name, [{ name, bytes }]))).toEqual(["x", "y"]);
    }
    for (const name of [...splits.map((file) => file.name), "folder"]) {
      expect(names(await openCheckpointFiles(name, splits))).toEqual(["x", "y"]);
    }
    await expect(openCheckpointFiles(splits[0]!.name, splits.slice(0, 1))).rejects.toMatchObject({
      code: "gguf/split-missing",
    });
    const two = [splits[0]!, { name: "other.gguf", bytes }];
    await expect(openCheckpointFiles("folder", two)).rejects.toMatchObject({ code: "gguf/ambiguous-directory" });
  });

  it.each([
    ["notes.txt", "safetensors/no-model"],
    ["m.gguf", "gguf/magic"],
    ["m.safetensors", "safetensors/header-too-large"],
    ["x.index.json", "safetensors/index-json"],
  ])("says of %s with other bytes: %s", async (name, code) => {
    const opened = openCheckpointFiles(name, [{ name, bytes: text("no model at all") }]);
    await expect(opened).rejects.toMatchObject({
      code,
    });
  });
});

describe("openCheckpointFile", () => {
  it("closes the source when it cannot be opened", async () => {
    for (const name of ["notes.txt", "m.gguf", "m.safetensors", "m.json"]) {
      let closed = 0;
      const source = { ...createMemorySource(text("nothing"), name), close: async () => void closed++ };
      await expect(openCheckpointFile(source)).rejects.toThrow();
      expect(closed, name).toBe(1);
    }
  });

  it("takes the name that it is told: that of an address may go on", async () => {
    const source = createMemorySource(plain.bytes, "https://host/model.safetensors?download=true");
    const checkpoint = await openCheckpointFile(source, { file: "model.safetensors" });
    expect(checkpoint.shards).toEqual(["model.safetensors"]);
  });
});

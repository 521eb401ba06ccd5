import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFile } from "./open-file.js";
import { openSharded } from "./open-sharded.js";
import { writeSafetensors } from "./write-safetensors.js";

const f32 = (name: string, ...values: number[]) => ({
  name,
  dtype: "F32" as const,
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

/** A source that remembers whether it was closed. */
function closable(bytes: Uint8Array, name: string) {
  const source = { ...createMemorySource(bytes, name), closed: 0 };
  source.close = async () => {
    source.closed++;
  };
  return source;
}

describe("openFile", () => {
  it("reads tensors by part, never beyond them", async () => {
    const file = writeSafetensors([f32("layer.10", 1, 2, 3), f32("layer.9", 4)], { k: "v" });
    const source = closable(file, "dir/model.safetensors");
    const checkpoint = await openFile(source);
    expect(checkpoint.tensors.map((tensor) => tensor.name)).toEqual(["layer.9", "layer.10"]);
    expect(checkpoint.shards).toEqual(["model.safetensors"]);
    expect(checkpoint.metadata.get("model.safetensors")).toEqual({ k: "v" });
    const tensor = checkpoint.tensor("layer.10")!;
    const part = new Float32Array(2);
    await checkpoint.read(tensor, 4, new Uint8Array(part.buffer));
    expect([...part]).toEqual([2, 3]);
    await expect(checkpoint.read(tensor, 8, new Uint8Array(5))).rejects.toMatchObject({ code: "bytes/out-of-bounds" });
    expect(checkpoint.tensor("layer.1")).toBeUndefined();
    await checkpoint.close();
    expect(source.closed).toBe(1);
  });

  it("closes the source when the header is refused", async () => {
    const source = closable(new Uint8Array(3), "x");
    await expect(openFile(source)).rejects.toMatchObject({ code: "safetensors/file-too-small" });
    expect(source.closed).toBe(1);
  });
});

describe("openSharded", () => {
  const files = {
    "m-1-of-2.safetensors": writeSafetensors([f32("a", 1)]),
    "m-2-of-2.safetensors": writeSafetensors([f32("b", 2), f32("c", 3)]),
  };
  const index = (totalSize: number, map: Record<string, string>) =>
    createMemorySource(
      new TextEncoder().encode(JSON.stringify({ metadata: { total_size: totalSize }, weight_map: map })),
    );

  function opener() {
    const opened: ReturnType<typeof closable>[] = [];
    const open = async (shard: string) => {
      const bytes = files[shard as keyof typeof files];
      if (bytes === undefined) return undefined;
      const source = closable(bytes, shard);
      opened.push(source);
      return source;
    };
    return { open, opened };
  }

  it("joins shards to one model", async () => {
    const { open, opened } = opener();
    const map = { a: "m-1-of-2.safetensors", b: "m-2-of-2.safetensors", c: "m-2-of-2.safetensors" };
    const checkpoint = await openSharded("model", index(12, map), open);
    expect(checkpoint.tensors.map(({ name, shard }) => [name, shard])).toEqual(Object.entries(map));
    await checkpoint.close();
    expect(opened.map((source) => source.closed)).toEqual([1, 1]);
  });

  it("closes what it opened when the index is wrong", async () => {
    const { open, opened } = opener();
    const map = { a: "m-2-of-2.safetensors", b: "m-1-of-2.safetensors" };
    await expect(openSharded("model", index(12, map), open)).rejects.toMatchObject({
      code: "safetensors/index-extra-tensor",
    });
    expect(opened.map((source) => source.closed)).toEqual([1, 1]);
  });

  it("reports harmless contradictions and goes on when asked to", async () => {
    const found: string[] = [];
    const map = { a: "m-1-of-2.safetensors", b: "m-2-of-2.safetensors" };
    const checkpoint = await openSharded("model", index(8, map), opener().open, {
      onMismatch: (code) => {
        found.push(code);
      },
    });
    expect(found).toEqual(["safetensors/index-extra-tensor", "safetensors/index-total-size"]);
    expect(checkpoint.tensors.length).toBe(3);
  });
});

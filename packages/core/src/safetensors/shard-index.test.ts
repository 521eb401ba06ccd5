import { describe, expect, it } from "vitest";
import type { ByteSource } from "../bytes/byte-source.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { readShardIndex } from "./shard-index.js";

const sourceOf = (text: string) => createMemorySource(new TextEncoder().encode(text), "index.json");

describe("readShardIndex", () => {
  const text = JSON.stringify(
    {
      metadata: { total_size: 123456, note: ["é", { x: -1.5e3 }], flag: true },
      weight_map: Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [`层.${i}."w"\n\u{1f9e0}`, `m-${(i % 3) + 1}-of-3.safetensors`]),
      ),
      more: null,
    },
    null,
    3,
  );

  it.each([1, 2, 3, 7, 64, 1000, 2 ** 20])("reads the same in pieces of %i bytes", async (pieceBytes) => {
    const index = await readShardIndex(sourceOf(text), { pieceBytes });
    expect(index.totalSize).toBe(123456);
    expect(index.shards).toEqual(["m-1-of-3.safetensors", "m-2-of-3.safetensors", "m-3-of-3.safetensors"]);
    expect([...index.shardOf]).toEqual(Object.entries(JSON.parse(text).weight_map));
  });

  it.each([1, 5, 1000])("names the byte of a fault in pieces of %i bytes", async (pieceBytes) => {
    const broken = text.replace('"m-2-of-3', '!"m-2-of-3');
    const position = new TextEncoder().encode(broken.slice(0, broken.indexOf("!"))).length;
    await expect(readShardIndex(sourceOf(broken), { pieceBytes })).rejects.toMatchObject({
      code: "safetensors/index-json",
      facts: { byteOffset: position },
    });
  });

  it("passes a long item in small pieces without starting again at each of them", async () => {
    let reads = 0;
    const whole = sourceOf(`{"x":[${"1,".repeat(50_000)}1],"weight_map":{"a":"m.safetensors"}}`);
    const counted: ByteSource = {
      ...whole,
      async read(offset, target, options) {
        reads++;
        await whole.read(offset, target, options);
      },
    };
    expect((await readShardIndex(counted, { pieceBytes: 7 })).shardOf.size).toBe(1);
    expect(reads).toBeLessThan(60);
  });

  it("reads an index of 20 000 entries holding little more than a piece of its text", async () => {
    let largest = 0;
    const whole = sourceOf(
      JSON.stringify({
        weight_map: Object.fromEntries(
          Array.from({ length: 20_000 }, (_, i) => [`layers.${i}.weight`, "m.safetensors"]),
        ),
      }),
    );
    const watched: ByteSource = {
      ...whole,
      async read(offset, target, options) {
        largest = Math.max(largest, target.buffer.byteLength);
        await whole.read(offset, target, options);
      },
    };
    const index = await readShardIndex(watched, { pieceBytes: 4096 });
    expect(index.shardOf.size).toBe(20_000);
    expect(whole.byteLength).toBeGreaterThan(600_000);
    expect(largest).toBeLessThan(2 * 4096);
  });
});

import { describe, expect, it } from "vitest";
import { createBlobSource } from "./blob-source.js";
import type { ByteSource } from "./byte-source.js";
import { openHttpRangeSource } from "./http-range-source.js";
import { createMemorySource } from "./memory-source.js";
import { rangeServer } from "./range-server.fixture.js";

const CONTENT = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

const KINDS: Record<string, () => Promise<ByteSource>> = {
  memory: async () => createMemorySource(CONTENT),
  blob: async () => createBlobSource(new Blob([CONTENT])),
  http: () => openHttpRangeSource("https://example.test/model", { fetch: rangeServer(CONTENT).fetch }),
};

describe.each(Object.keys(KINDS))("%s source", (kind) => {
  const open = KINDS[kind]!;

  it("fills a view in the middle of a buffer and nothing else", async () => {
    const source = await open();
    expect(source.byteLength).toBe(1000);
    const buffer = new Uint8Array(30).fill(0xee);
    await source.read(500, buffer.subarray(10, 20));
    expect(buffer.subarray(10, 20)).toEqual(CONTENT.subarray(500, 510));
    expect([...buffer.subarray(0, 10), ...buffer.subarray(20)].every((byte) => byte === 0xee)).toBe(true);
    await source.close();
  });

  it("reads the first byte, the last byte, everything and nothing", async () => {
    const source = await open();
    for (const [offset, length] of [
      [0, 1],
      [999, 1],
      [0, 1000],
      [1000, 0],
      [0, 0],
    ] as const) {
      const target = new Uint8Array(length);
      await source.read(offset, target);
      expect(target).toEqual(CONTENT.slice(offset, offset + length));
    }
  });

  it("refuses spans outside, before reading anything", async () => {
    const source = await open();
    for (const [offset, length] of [
      [1000, 1],
      [999, 2],
      [-1, 1],
      [0.5, 1],
      [2 ** 53, 0],
      [0, 1001],
    ] as const) {
      await expect(source.read(offset, new Uint8Array(length))).rejects.toMatchObject({ code: "bytes/out-of-bounds" });
    }
  });

  it("serves many reads at once", async () => {
    const source = await open();
    const targets = Array.from({ length: 50 }, () => new Uint8Array(20));
    await Promise.all(targets.map((target, index) => source.read(index * 20, target)));
    expect(targets.flatMap((target) => [...target])).toEqual([...CONTENT]);
  });

  it("stops when the signal was aborted", async () => {
    const source = await open();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(source.read(0, new Uint8Array(4), { signal })).rejects.toThrow("enough");
  });
});

describe("blob source", () => {
  it("reports a blob that gives less than its size", async () => {
    const source = createBlobSource({ size: 100, slice: () => ({ arrayBuffer: async () => new ArrayBuffer(3) }) });
    await expect(source.read(0, new Uint8Array(4))).rejects.toMatchObject({ code: "bytes/short-read" });
  });
});

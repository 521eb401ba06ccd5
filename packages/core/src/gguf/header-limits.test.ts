import { describe, expect, it } from "vitest";
import { array, info, joined, makeGguf, oneTensorGguf, pair, text, u32 } from "../../../../attacks/make-gguf.mjs";
import type { ByteSource } from "../bytes/byte-source.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { readGgufHeader, validateGguf } from "./gguf-header.js";
import { MAX_GGUF_HEADER_BYTES } from "./header-cursor.js";

/** `bytes`, then zeros up to `byteLength`; keeps the places that were read. */
function paddedSource(bytes: Uint8Array, byteLength: number): ByteSource & { readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  return {
    name: "padded",
    byteLength,
    reads,
    async read(offset, target) {
      reads.push([offset, target.byteLength]);
      target.set(bytes.subarray(offset, offset + target.byteLength));
    },
    async close() {},
  };
}

const vocabulary = (count: number) =>
  array("string", count, joined(...Array.from({ length: count }, (_, i) => text(`token ${i}`))));

describe("readGgufHeader", () => {
  it("reads the header alone, every byte once, in pieces that grow", async () => {
    const file = makeGguf({
      pairs: [pair("tokens", "array", vocabulary(3000))],
      tensors: [info({ sizes: [2 ** 20, 2 ** 10] })],
    });
    const source = paddedSource(file, file.length + 2 ** 32);
    const header = await readGgufHeader(source, { pieceBytes: 1000 });
    expect(header.tensors[0]).toMatchObject({ byteOffset: file.length, byteLength: 2 ** 32 });
    expect(source.reads[0]).toEqual([0, 1000]);
    for (const [index, [offset]] of source.reads.slice(1).entries()) {
      expect(offset).toBe(source.reads[index]![0] + source.reads[index]![1]);
    }
    expect(source.reads.length).toBeLessThan(10);
    expect(source.reads.at(-1)![0]).toBeLessThan(file.length);
    const tokens = header.metadata.get("tokens")!;
    expect(tokens.type === "array" && tokens.values[2999]).toBe("token 2999");
  });

  it("decodes an array when it is asked for, and once", async () => {
    const bytes = makeGguf({ pairs: [pair("k", "array", array("uint32", 2, joined(u32(7), u32(8))))] });
    const value = (await readGgufHeader(createMemorySource(bytes))).metadata.get("k")!;
    const once = value.type === "array" ? value.values : [];
    expect(once).toEqual([7, 8]);
    expect(value.type === "array" && value.values === once).toBe(true);
  });

  it("stops before a header of more than 256 MiB, and before it has read that much", async () => {
    const file = makeGguf({ pairs: [pair("k", "array", array("uint8", MAX_GGUF_HEADER_BYTES))] });
    const source = paddedSource(file, 2 ** 40);
    await expect(readGgufHeader(source)).rejects.toMatchObject({ code: "gguf/header-too-large" });
    expect(source.reads).toEqual([[0, 2 ** 20]]);
  });

  it("names the file and the tensor in its errors", async () => {
    const bytes = oneTensorGguf({ name: "blk.0.w", sizes: [32], type: 4 });
    await expect(readGgufHeader(createMemorySource(bytes, "m.gguf"))).rejects.toThrow(
      'm.gguf: Tensor "blk.0.w" has type 4, Q4_2, which ggml removed.',
    );
  });

  it("colliding type ids: 36 is I2_S where the file has its bytes, and no removed type of ggml", async () => {
    const { tensors } = await readGgufHeader(
      createMemorySource(oneTensorGguf({ sizes: [128], type: 36 }, { dataBytes: 64 })),
    );
    expect(tensors[0]).toMatchObject({ type: "I2_S", byteLength: 64 });
    expect(tensors[0]!.otherReading).toContain("removed from ggml");
    const removed = oneTensorGguf({ sizes: [128], type: 36 }, { dataBytes: 96 });
    await expect(readGgufHeader(createMemorySource(removed))).rejects.toMatchObject({ code: "gguf/fork-type" });
  });

  it("colliding type ids: shows both readings of a number that bitnet.cpp took", async () => {
    const bytes = oneTensorGguf({ sizes: [1024], type: 39 }, { dataBytes: 256 });
    await expect(readGgufHeader(createMemorySource(bytes))).rejects.toMatchObject({
      code: "gguf/fork-type",
      facts: { readings: ["MXFP4 of ggml", "TL2 of bitnet.cpp"] },
    });
    const sound = oneTensorGguf({ sizes: [128], type: 39 }, { dataBytes: 96 });
    const { tensors } = await readGgufHeader(createMemorySource(sound));
    expect(tensors[0]).toMatchObject({ type: "MXFP4", byteLength: 68, otherReading: "TL2 of bitnet.cpp" });
  });
});

describe("validateGguf", () => {
  it("finds several problems, those inside arrays too", async () => {
    const bytes = makeGguf({
      pairs: [
        pair("flags", "array", array("bool", 2, Uint8Array.of(1, 9))),
        pair("texts", "array", array("string", 1, text(Uint8Array.of(0xff)))),
      ],
      tensors: [info({ type: 4, sizes: [32] }), info({ name: "b", sizes: [31], type: 2, offset: 7 })],
    });
    const problems = await validateGguf(createMemorySource(bytes));
    expect(problems.map(({ code }) => code)).toEqual([
      "gguf/retired-type",
      "gguf/row-length",
      "gguf/bool-value",
      "gguf/text-utf8",
    ]);
  });

  it("warns of bytes behind the data, which reading ignores", async () => {
    const source = createMemorySource(oneTensorGguf({}, { dataBytes: 33 }));
    expect((await readGgufHeader(source)).tensors).toHaveLength(1);
    expect(await validateGguf(source)).toMatchObject([{ code: "gguf/trailing-bytes", facts: { expected: 96 } }]);
  });
});

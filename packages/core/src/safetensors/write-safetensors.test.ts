import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import { openFile } from "./open-file.js";
import { compareCodePoints, layOutFile, type TensorData, writeSafetensors } from "./write-safetensors.js";

const ALL_DTYPES = Object.keys(DTYPES) as Dtype[];

/** Tensors of every dtype with unique names and random bytes; the last axis keeps sub-byte dtypes whole. */
const anyTensors = fc.uniqueArray(
  fc
    .record({
      name: fc.string({ unit: "grapheme", maxLength: 12 }).filter((name) => name !== "__metadata__"),
      dtype: fc.constantFrom(...ALL_DTYPES),
      axes: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
      byte: fc.nat({ max: 255 }),
    })
    .map(({ name, dtype, axes, byte }): TensorData => {
      const shape = [...axes, 4];
      const bytes = (shape.reduce((a, b) => a * b) * DTYPES[dtype].bits) / 8;
      return { name, dtype, shape, data: new Uint8Array(bytes).fill(byte) };
    }),
  { maxLength: 12, selector: (tensor) => tensor.name },
);

describe("writeSafetensors", () => {
  it("is read back as it was given", async () => {
    const anyMetadata = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    await fc.assert(
      fc.asyncProperty(anyTensors, anyMetadata, async (tensors, metadata) => {
        const checkpoint = await openFile(createMemorySource(writeSafetensors(tensors, metadata)));
        expect(checkpoint.tensors.length).toBe(tensors.length);
        expect(Object.entries(checkpoint.metadata.get("memory")!).sort()).toEqual(Object.entries(metadata).sort());
        for (const { name, dtype, shape, data } of tensors) {
          const found = checkpoint.tensor(name)!;
          expect(found).toMatchObject({ dtype, shape, byteLength: data.length });
          const bytes = new Uint8Array(data.length);
          await checkpoint.read(found, 0, bytes);
          expect(bytes).toEqual(data);
        }
      }),
    );
  });

  it("gives the same bytes whatever the order of tensors and metadata", () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const once = writeSafetensors(tensors, { a: "1", b: "2" });
        expect(writeSafetensors(tensors.toReversed(), { b: "2", a: "1" })).toEqual(once);
      }),
    );
  });

  it("writes the widest dtype first, then names by code point, padded to 8 with spaces", () => {
    const data = (bytes: number) => new Uint8Array(bytes);
    const file = writeSafetensors(
      [
        { name: "\u{10000}", dtype: "U8", shape: [1], data: data(1) },
        { name: "\uffff", dtype: "U8", shape: [1], data: data(1) },
        { name: "w", dtype: "F32", shape: [], data: data(4) },
        { name: "i", dtype: "I64", shape: [0, 2], data: data(0) },
      ],
      { z: "\u0001", a: "é/" },
    );
    const text = new TextDecoder().decode(file.subarray(8, file.length - 6));
    expect(text.trimEnd()).toBe(
      '{"__metadata__":{"a":"é/","z":"\\u0001"},"i":{"dtype":"I64","shape":[0,2],"data_offsets":[0,0]},' +
        '"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\uffff":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},' +
        '"\u{10000}":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}',
    );
    expect((file.length - 6) % 8).toBe(0);
  });

  it("writes no metadata member when there is none", () => {
    expect(new TextDecoder().decode(layOutFile([]).head.subarray(8))).toBe("{}      ");
  });

  it.each<[string, string, () => unknown]>([
    ["two tensors of one name", "safetensors/write-name", () => layOutFile([spec("a"), spec("a")])],
    ["the reserved name", "safetensors/write-name", () => layOutFile([spec("__metadata__")])],
    ["a name that UTF-8 cannot hold", "safetensors/write-name", () => layOutFile([spec("\ud800")])],
    ["such metadata", "safetensors/write-name", () => layOutFile([], { a: "\udc00" })],
    ["half a byte", "safetensors/misaligned-bits", () => layOutFile([{ name: "a", dtype: "F4", shape: [3] }])],
    [
      "2^60 elements",
      "safetensors/size-overflow",
      () => layOutFile([{ name: "a", dtype: "U8", shape: [2 ** 30, 2 ** 30] }]),
    ],
    ["too few bytes", "safetensors/write-length", () => writeSafetensors([{ ...spec("a"), data: new Uint8Array(3) }])],
  ])("refuses %s: %s", (_, code, write) => {
    expect(write).toThrow(expect.objectContaining({ code }));
  });

  it("places tensors beyond 4 GiB exactly", () => {
    const layout = layOutFile([
      { name: "a", dtype: "U8", shape: [3, 2 ** 31] },
      { name: "b", dtype: "U8", shape: [1] },
    ]);
    expect(layout.tensors[1]!.byteOffset).toBe(layout.head.length + 3 * 2 ** 31);
    expect(layout.byteLength).toBe(layout.head.length + 3 * 2 ** 31 + 1);
  });
});

describe("compareCodePoints", () => {
  it("is the order of UTF-8 bytes", () => {
    const encoder = new TextEncoder();
    const byteOrder = (a: string, b: string) => {
      const [x, y] = [encoder.encode(a), encoder.encode(b)];
      const at = x.findIndex((byte, index) => byte !== y[index]);
      return at < 0 ? x.length - y.length : y[at] === undefined ? 1 : x[at]! - y[at];
    };
    const unit = fc.constantFrom("", "a", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{1ffff}", "\u{10ffff}");
    const text = fc.string({ unit, maxLength: 4 });
    fc.assert(fc.property(text, text, (a, b) => Math.sign(compareCodePoints(a, b)) === Math.sign(byteOrder(a, b))));
  });
});

function spec(name: string): { name: string; dtype: "F32"; shape: number[] } {
  return { name, dtype: "F32", shape: [1] };
}

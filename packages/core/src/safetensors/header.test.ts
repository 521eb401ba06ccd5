import { describe, expect, it } from "vitest";
import { entry, makeFile } from "../../../../attacks/make-file.mjs";
import { createMemorySource } from "../bytes/memory-source.js";
import { MAX_HEADER_BYTES, parseHeader, readHeader, validateHeader } from "./header.js";

describe("parseHeader", () => {
  it("gives names, dtypes, shapes, spans and metadata", () => {
    const file = makeFile(
      `{"__metadata__":{"format":"pt"},"b":${entry({ dtype: '"F8_E4M3FN"', shape: "[2,4]" })},"ä":${entry({ offsets: "[8,16]" })}}`,
      16,
    );
    const header = parseHeader(file, file.length);
    expect(header.metadata).toEqual({ format: "pt" });
    expect(header.dataStart).toBe(file.length - 16);
    expect(header.entries).toEqual([
      { name: "b", dtype: "F8_E4M3", shape: [2, 4], begin: 0, end: 8, namePosition: 40 },
      { name: "ä", dtype: "F32", shape: [2], begin: 8, end: 16, namePosition: 101 },
    ]);
    for (const { name, namePosition } of header.entries) {
      const json = new TextEncoder().encode(JSON.stringify(name));
      expect(file.subarray(namePosition, namePosition + json.length)).toEqual(json);
    }
  });

  it("gives the same for every formatting of the same header", () => {
    const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
    for (let index = 0; index < 50; index++) {
      const shape = Array.from({ length: index % 12 }, (_, axis) => (axis === 0 ? 2 : 1));
      const begin = index === 0 ? 0 : (header[`t.${index - 1}`] as { data_offsets: number[] }).data_offsets[1]!;
      header[`t.${index}`] = { dtype: "U8", shape, data_offsets: [begin, begin + (index % 12 === 0 ? 1 : 2)] };
    }
    const compact = JSON.stringify(header);
    const spaced = compact.replaceAll(/([:,])/g, "$1 ");
    const reordered = compact.replaceAll(/("dtype":"U8"),("shape":\[[^\]]*\])/g, "$2,$1");
    const escaped = compact.replaceAll('"t.', '"\\u0074.');
    const dataBytes = (header["t.49"] as { data_offsets: number[] }).data_offsets[1]!;
    const [first, ...others] = [compact, spaced, JSON.stringify(header, null, 2), reordered, escaped].map((text) => {
      const file = makeFile(text, dataBytes);
      return parseHeader(file, file.length).entries.map(({ namePosition: _, ...entry }) => entry);
    });
    expect(first!.length).toBe(50);
    for (const other of others) expect(other).toEqual(first);
  });

  it("keeps a metadata key named __proto__ as data", () => {
    const file = makeFile('{"__metadata__":{"__proto__":"x"}}');
    const { metadata } = parseHeader(file, file.length);
    expect(Object.entries(metadata)).toEqual([["__proto__", "x"]]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("names the byte and the tensor", () => {
    const file = makeFile(`{"a":${entry()},"a":${entry()}}`, 8);
    expect(() => parseHeader(file, file.length)).toThrow(
      expect.objectContaining({ code: "safetensors/duplicate-key", facts: { key: "a", first: 9, byteOffset: 62 } }),
    );
    expect(new TextDecoder().decode(file.subarray(62, 65))).toBe('"a"');
    const broken = makeFile('{"a":{"dtype":"F32"!}}');
    expect(() => parseHeader(broken, broken.length)).toThrow(
      expect.objectContaining({ facts: { byteOffset: 27, reason: '"!" stands where "}" should come' } }),
    );
    const latin1 = makeFile(Uint8Array.of(0x7b, 0x22, 0x61, 0xe9, 0x22, 0x7d));
    expect(() => parseHeader(latin1, latin1.length)).toThrow(expect.objectContaining({ facts: { byteOffset: 12 } }));
  });
});

describe("validateHeader", () => {
  it("lists every problem, in the order of the bytes", () => {
    const file = makeFile(
      `{"__metadata__":{"n":1},"a":${entry({ dtype: '"I4"', shape: "[-1]" })},"b":{"dtype":"F32"},"c":${entry({ offsets: "[8,0]" })},"c":${entry()}}`,
      8,
    );
    expect(validateHeader(file, file.length).map(({ code, facts }) => [code, facts["tensor"] ?? facts["key"]])).toEqual(
      [
        ["safetensors/metadata-type", "n"],
        ["safetensors/unknown-dtype", "a"],
        ["safetensors/invalid-integer", "a"],
        ["safetensors/missing-field", "b"],
        ["safetensors/duplicate-key", "c"],
        ["safetensors/offsets-reversed", "c"],
      ],
    );
  });

  it("lists holes, overlaps and a truncated end together", () => {
    const file = makeFile(
      `{"a":${entry({ offsets: "[4,12]" })},"b":${entry({ offsets: "[8,16]" })},"c":${entry({ offsets: "[20,24]" })}}`,
      20,
    );
    expect(validateHeader(file, file.length).map(({ code }) => code)).toEqual([
      "safetensors/hole",
      "safetensors/overlap",
      "safetensors/span-mismatch",
      "safetensors/hole",
      "safetensors/data-truncated",
    ]);
  });

  it("stops at a syntax fault, keeping what it found before", () => {
    const file = makeFile(`{"a":{},"b"`);
    expect(validateHeader(file, file.length).map(({ code }) => code)).toEqual([
      "safetensors/missing-field",
      "safetensors/header-json",
    ]);
  });

  it("is empty for a sound file", () => {
    const file = makeFile(`{"a":${entry()}}`, 8);
    expect(validateHeader(file, file.length)).toEqual([]);
  });
});

describe("readHeader", () => {
  it("reads nothing beyond the prefix when the length is not credible", async () => {
    const reads: number[] = [];
    const source = {
      ...createMemorySource(makeFile("{}", 0, BigInt(MAX_HEADER_BYTES))),
      byteLength: 2 ** 40,
      async read(_offset: number, target: Uint8Array) {
        reads.push(target.byteLength);
        new DataView(target.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES + 1), true);
      },
    };
    await expect(readHeader(source)).rejects.toMatchObject({ code: "safetensors/header-too-large" });
    expect(reads).toEqual([8]);
  });

  it("names the source in message and facts", async () => {
    await expect(readHeader(createMemorySource(new Uint8Array(3), "weights.safetensors"))).rejects.toMatchObject({
      message: "weights.safetensors: The file has 3 bytes; a safetensors file has at least 8.",
      facts: { source: "weights.safetensors", size: 3 },
    });
  });
});

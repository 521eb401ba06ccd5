import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFileSource } from "../node/file-source.js";
import { withSharedData } from "../shared-data.fixture.js";
import { readGgufHeader, validateGguf } from "./gguf-header.js";
import { ggmlTypes } from "./gguf-types.js";
import { GGUF_SCALARS, type GgufScalar, type GgufScalarType, type GgufValue, ggufArray } from "./gguf-value.js";
import { planGgufSplits } from "./plan-gguf-splits.js";
import { type GgufTensorSpec, layOutGguf, writeGguf } from "./write-gguf.js";

const VALUES: Record<GgufScalarType, fc.Arbitrary<GgufScalar>> = {
  uint8: fc.integer({ min: 0, max: 255 }),
  int8: fc.integer({ min: -128, max: 127 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  float32: fc.float(),
  bool: fc.boolean(),
  string: fc.string({ unit: "binary" }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(exact),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(exact),
  float64: fc.double(),
};

/** As the reader gives it: a number where one holds it. */
function exact(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const arbitraryValue: fc.Arbitrary<GgufValue> = fc
  .constantFrom(...(Object.keys(GGUF_SCALARS) as GgufScalarType[]))
  .chain((type) =>
    fc.oneof(
      VALUES[type].map((value): GgufValue => ({ type, value })),
      fc.array(VALUES[type]).map((values): GgufValue => ggufArray(type, values)),
    ),
  );
const arbitraryMetadata = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1 }), arbitraryValue), { selector: ([key]) => key })
  .map((pairs) => new Map(pairs.filter(([key]) => key !== "general.alignment")));

const arbitraryTensors: fc.Arbitrary<GgufTensorSpec[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.string({ maxLength: 63 }),
      type: fc.constantFrom(...ggmlTypes()),
      blocks: fc.integer({ min: 1, max: 3 }),
      outer: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    })
    .map(({ name, type, blocks, outer }) => ({ name, type: type.name, shape: [...outer, blocks * type.weights] })),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe("layOutGguf", () => {
  it("writes what the reader reads back, all metadata types and all block types", async () => {
    const property = fc.asyncProperty(
      arbitraryMetadata,
      arbitraryTensors,
      fc.constantFrom(8, 32, 64),
      async (metadata, specs, alignment) => {
        const { head, tensors, byteLength } = layOutGguf(metadata, specs, { alignment });
        const file = new Uint8Array(byteLength);
        file.set(head);
        const source = createMemorySource(file);
        expect(await validateGguf(source)).toEqual([]);
        const header = await readGgufHeader(source, { pieceBytes: 100 });
        expect(header).toMatchObject({ version: 3, alignment, dataStart: head.byteLength });
        for (const [key, value] of metadata) expect(header.metadata.get(key)).toEqual(value);
        expect(header.tensors.map(({ typeId: _, otherReading: __, ...tensor }) => tensor)).toEqual(tensors);
        for (const { byteOffset } of tensors) expect(byteOffset % alignment).toBe(0);
        expect(byteLength % alignment).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  const spec = (fields: Partial<GgufTensorSpec>): GgufTensorSpec[] => [
    { name: "a", shape: [32], type: "F32", ...fields },
  ];
  const refusals: [string, string, () => unknown][] = [
    ["a long name", "gguf/name-length", () => layOutGguf(new Map(), spec({ name: "ü".repeat(32) }))],
    ["half a surrogate pair", "gguf/write-name", () => layOutGguf(new Map(), spec({ name: "\ud800" }))],
    ["an empty key", "gguf/write-name", () => layOutGguf(new Map([["", { type: "uint8", value: 1 }]]), [])],
    ["one name twice", "gguf/duplicate-tensor", () => layOutGguf(new Map(), [...spec({}), ...spec({})])],
    ["five axes", "gguf/axes", () => layOutGguf(new Map(), spec({ shape: [1, 1, 1, 1, 1] }))],
    ["an empty axis", "gguf/axis-size", () => layOutGguf(new Map(), spec({ shape: [0, 32] }))],
    [
      "rows that are no whole blocks",
      "gguf/row-length",
      () => layOutGguf(new Map(), spec({ shape: [48], type: "Q4_0" })),
    ],
    ["too many weights", "gguf/size-overflow", () => layOutGguf(new Map(), spec({ shape: [2 ** 40, 2 ** 40] }))],
    ["an unknown type", "gguf/unknown-type", () => layOutGguf(new Map(), spec({ type: "Q9_9" as "Q4_0" }))],
    ["alignment 48", "gguf/alignment", () => layOutGguf(new Map(), [], { alignment: 48 })],
    ["256 as uint8", "gguf/write-value", () => layOutGguf(new Map([["k", { type: "uint8", value: 256 }]]), [])],
    ["a text as number", "gguf/write-value", () => layOutGguf(new Map([["k", { type: "int32", value: "1" }]]), [])],
    ["2^63 as int64", "gguf/write-value", () => layOutGguf(new Map([["k", { type: "int64", value: 2n ** 63n }]]), [])],
    [
      "data of another size",
      "gguf/write-length",
      () => writeGguf(new Map(), [{ ...spec({})[0]!, data: new Uint8Array(4) }]),
    ],
  ];
  it.each(refusals)("refuses %s: %s", (_, code, write) => {
    expect(write).toThrow(expect.objectContaining({ code }));
  });
});

describe("planGgufSplits", () => {
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", { type: "string", value: "llama" }],
    ["split.count", { type: "uint16", value: 9 }],
  ]);
  const tensors = [4, 4, 100, 1].map((rows, i): GgufTensorSpec => ({ name: `t${i}`, shape: [rows, 32], type: "Q8_0" }));

  it("fills files up to the size; the first alone has the metadata", () => {
    const plan = planGgufSplits("m", metadata, tensors, 8 * 34);
    expect(plan.map(({ name }) => name)).toEqual([1, 2, 3].map((n) => `m-0000${n}-of-00003.gguf`));
    expect(plan.map((file) => file.tensors.map(({ name }) => name))).toEqual([["t0", "t1"], ["t2"], ["t3"]]);
    expect(plan.map((file) => [...file.metadata.keys()][0])).toEqual(["general.architecture", "split.no", "split.no"]);
    expect(plan[1]!.metadata.get("split.no")).toEqual({ type: "uint16", value: 1 });
    expect(plan[0]!.metadata.get("split.count")).toEqual({ type: "uint16", value: 3 });
    expect(plan[2]!.metadata.get("split.tensors.count")).toEqual({ type: "int32", value: 4 });
  });

  it("is one file with a plain name where everything fits, without the keys of an old set", () => {
    const [file, ...more] = planGgufSplits("m", metadata, tensors, Number.POSITIVE_INFINITY);
    expect(more).toEqual([]);
    expect(file!.name).toBe("m.gguf");
    expect([...file!.metadata.keys()]).toEqual(["general.architecture"]);
  });
});

withSharedData("headers of llama.cpp written again", "gguf", (folder) => {
  it.each(readdirSync(folder))(
    "%s: the header that llama.cpp wrote, written again, has the same bytes",
    async (file) => {
      const source = await openFileSource(join(folder, file));
      const header = await readGgufHeader(source);
      expect(await validateGguf(source)).toEqual([]);
      const { head } = layOutGguf(header.metadata, header.tensors);
      // Of a file without tensors the padding may be missing.
      const original = new Uint8Array(Math.min(header.dataStart, source.byteLength));
      await source.read(0, original);
      expect(Buffer.compare(head.subarray(0, original.length), original)).toBe(0);
      await source.close();
    },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { createMemorySource } from "../../bytes/memory-source.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { openFile } from "../../safetensors/open-file.js";
import { openShards } from "../../safetensors/open-sharded.js";
import { arbitraryTerm, randomTerm } from "../../terms/arbitrary-term.fixture.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { foldTransforms, type InputTransform } from "../../terms/input-transform.js";
import type { Term } from "../../terms/term.js";
import { termArray, termByteLength } from "../../terms/term-arrays.js";
import type { StoredQuantizedWeight } from "../logical-weight.js";
import { openWeight } from "../read-weight.js";
import { recogniseWeights } from "../recognise.js";
import { type FilledWeight, filledWeight, lowbitFile, PROVENANCE } from "./lowbit-file.fixture.js";

const backend = createReferenceBackend();
const open = (bytes: Uint8Array): Promise<Checkpoint> => openFile(createMemorySource(bytes, "model.safetensors"));

const affine: Term = randomTerm(
  {
    kind: "affine",
    rows: 6,
    columns: 8,
    bits: 3,
    granularity: "group",
    groupSize: 5,
    zero: "integer",
    scaleDtype: "F16",
  },
  1,
);
const sparse: Term = randomTerm(
  { kind: "sparse", rows: 6, columns: 8, count: 11, indexDtype: "U16", valueDtype: "BF16" },
  2,
);
const rotation: InputTransform = {
  layout: { kind: "hadamard", columns: 8, size: 4 },
  arrays: { signs: Uint8Array.of(0b10110010) },
};
const norm = {
  name: "model.norm.weight",
  dtype: "F32",
  shape: [2],
  data: new Uint8Array(Float32Array.of(1.5, -2).buffer),
} as const;

function wholeDecode({ terms, transforms }: FilledWeight): Float32Array {
  const { rows, columns } = terms[0]!.layout;
  const values = new Float32Array(rows * columns);
  decodeTerms(terms, values, backend);
  foldTransforms(transforms, { values, rows, columns }, backend);
  return values;
}

describe("lowbit layout", () => {
  it("gives back every weight with its layouts, provenance and bytes, beside plain tensors", async () => {
    const filled = filledWeight("model.layers.0.q_proj.weight", [affine, sparse], [rotation]);
    const checkpoint = await open(lowbitFile([filled], [norm]));
    const weights = recogniseWeights(checkpoint);
    expect(weights.map(({ name, kind }) => [name, kind]).sort()).toEqual([
      ["model.layers.0.q_proj.weight", "quantized"],
      ["model.norm.weight", "plain"],
    ]);
    const weight = weights.find(({ kind }) => kind === "quantized") as StoredQuantizedWeight;
    expect(weight).toMatchObject({ shape: [6, 8], dtype: "BF16", layout: "lowbit", provenance: PROVENANCE });
    expect(weight.terms).toEqual([affine.layout, sparse.layout]);
    expect(weight.byteLength).toBe(termByteLength(affine.layout) + termByteLength(sparse.layout) + 1);
    const reader = await weight.open();
    expect(await reader.rows(0, 6)).toEqual([affine, sparse]);
    expect(reader.transforms).toEqual([rotation]);
    const rows = await openWeight(checkpoint, weight, backend);
    const middle = new Float32Array(3 * 8);
    await rows.read(2, 5, middle);
    expect(middle).toEqual(wholeDecode(filled).subarray(2 * 8, 5 * 8));
  });

  it("reads any sum of terms by any block of rows as the decoder sees it", async () => {
    const property = fc.asyncProperty(arbitraryTerm, fc.nat(), fc.nat(), async (term, a, b) => {
      fc.pre(term.layout.rows > 0);
      const { rows, columns } = term.layout;
      const filled = filledWeight("w", [term, term]);
      const checkpoint = await open(lowbitFile([filled]));
      const [weight] = recogniseWeights(checkpoint);
      const reader = await openWeight(checkpoint, weight!, backend);
      const [begin, end] = [a % (rows + 1), b % (rows + 1)].sort((x, y) => x - y) as [number, number];
      const values = new Float32Array((end - begin) * columns);
      await reader.read(begin, end, values);
      expect(values).toEqual(wholeDecode(filled).subarray(begin * columns, end * columns));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("reads shards, each with the schema of its own weights, and refuses a weight that is in two", async () => {
    const shards = new Map([
      ["model-00001-of-00002.safetensors", lowbitFile([filledWeight("a", [affine])])],
      ["model-00002-of-00002.safetensors", lowbitFile([filledWeight("b", [sparse])], [norm])],
    ]);
    const openAll = () =>
      openShards("model", [...shards.keys()], async (shard) => createMemorySource(shards.get(shard)!, shard), {});
    const names = recogniseWeights(await openAll()).map(({ name, tensors }) => [name, tensors[0]!.shard]);
    expect(names).toContainEqual(["a", "model-00001-of-00002.safetensors"]);
    expect(names).toContainEqual(["b", "model-00002-of-00002.safetensors"]);
    const plainA = { ...norm, name: "a" };
    shards.set("model-00002-of-00002.safetensors", lowbitFile([filledWeight("b", [sparse])], [plainA]));
    const twice = await openAll();
    expect(() => recogniseWeights(twice)).toThrow(expect.objectContaining({ code: "layouts/duplicate-weight" }));
  });

  it.each([
    ["marks one weight more", (bitmap: Uint8Array) => bitmap.fill(bitmap[0]! | (bitmap[0]! + 1), 0, 1)],
    ["marks none", (bitmap: Uint8Array) => bitmap.fill(0)],
  ])("refuses a bitmap that %s than its layout states before it decodes", async (_, change) => {
    const term = randomTerm(
      { kind: "masked", rows: 6, columns: 8, count: 11, bits: 3, positions: "bitmap", scaleDtype: "F16" },
      3,
    );
    change(termArray(term, "positions"));
    const checkpoint = await open(lowbitFile([filledWeight("w", [term])]));
    const [weight] = recogniseWeights(checkpoint);
    await expect(openWeight(checkpoint, weight!, backend)).rejects.toMatchObject({
      code: "terms/invalid-array",
      facts: { array: "positions", expected: 11 },
    });
  });

  it("refuses marked columns outside the matrix when their rows are read", async () => {
    const term = randomTerm(
      { kind: "masked", rows: 6, columns: 8, count: 11, bits: 3, positions: "indices", scaleDtype: "F16" },
      3,
    );
    termArray(term, "columnIndices").fill(9);
    const checkpoint = await open(lowbitFile([filledWeight("w", [term])]));
    const rows = await openWeight(checkpoint, recogniseWeights(checkpoint)[0]!, backend);
    await expect(rows.read(0, 6, new Float32Array(48))).rejects.toMatchObject({ code: "terms/invalid-array" });
  });

  it("refuses stored positions outside the matrix before it decodes", async () => {
    const starts = new Uint8Array(Uint32Array.of(0, 1, 5, 2, 3, 4, 11).buffer);
    const broken: Term = { layout: sparse.layout, arrays: { ...sparse.arrays, rowStarts: starts } as never };
    const checkpoint = await open(lowbitFile([filledWeight("w", [broken])]));
    const [weight] = recogniseWeights(checkpoint);
    await expect(openWeight(checkpoint, weight!, backend)).rejects.toMatchObject({ code: "terms/invalid-array" });
  });
});

describe("plain tensors", () => {
  it("decode by rows, sub-byte dtypes whose rows start inside a byte included", async () => {
    // F4 1.0 is code 2, 6.0 is 7, −0.5 is 9: rows [1, 6, −0.5] and [6, 1, 1] fill three bytes.
    const nibbles = { name: "f4", dtype: "F4", shape: [2, 3], data: Uint8Array.of(0x72, 0x79, 0x22) } as const;
    const checkpoint = await open(lowbitFile([], [nibbles]));
    const rows = await openWeight(checkpoint, recogniseWeights(checkpoint)[0]!, backend);
    const values = new Float32Array(3);
    await rows.read(0, 1, values);
    expect([...values]).toEqual([1, 6, -0.5]);
    await rows.read(1, 2, values);
    expect([...values]).toEqual([6, 1, 1]);
  });

  it("of integers are refused as weights", async () => {
    const ids = { name: "ids", dtype: "U8", shape: [2], data: Uint8Array.of(1, 2) } as const;
    const checkpoint = await open(lowbitFile([], [ids]));
    await expect(openWeight(checkpoint, recogniseWeights(checkpoint)[0]!, backend)).rejects.toMatchObject({
      code: "layouts/not-floats",
    });
  });
});

import { createReferenceBackend } from "@lowbit/core/backend";
import { createMemorySource } from "@lowbit/core/bytes";
import type { LogicalWeight, LowbitWeight, StoredQuantizedWeight } from "@lowbit/core/layouts";
import { recogniseWeights, writeLowbitSchema } from "@lowbit/core/layouts";
import { openFile, writeSafetensors } from "@lowbit/core/safetensors";
import {
  allocateTerm,
  type InputTransform,
  runnableLayout,
  runnableTerm,
  type Term,
  termArray,
  termArrays,
  termByteLength,
  transformArrays,
  writeScales,
  writeU32,
} from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { storedTerms } from "../stored-forms.fixture.js";
import { PartMemory } from "./part-memory.js";
import { packedWeight } from "./quantized-terms.js";
import { READ_BYTES } from "./weight-fill.js";

const ROWS = 2500;
const COLUMNS = 2048;

const affine = allocateTerm({
  kind: "affine",
  rows: ROWS,
  columns: COLUMNS,
  bits: 8,
  granularity: "row",
  groupSize: COLUMNS,
  zero: "midpoint",
  scaleDtype: "F16",
});
const ternary = allocateTerm({
  kind: "ternary",
  rows: ROWS,
  columns: COLUMNS,
  granularity: "tensor",
  groupSize: COLUMNS,
  packing: "two-bit",
  scaleDtype: "F32",
});
const sparse = allocateTerm({
  kind: "sparse",
  rows: ROWS,
  columns: COLUMNS,
  count: Math.floor(ROWS / 3),
  indexDtype: "U16",
  valueDtype: "F16",
});
const kept = allocateTerm({ kind: "dense", rows: ROWS, columns: COLUMNS, coveredColumns: 2, valueDtype: "BF16" });
const scale: InputTransform = {
  layout: { kind: "channel-scale", columns: COLUMNS, scaleDtype: "F32" },
  arrays: { scale: new Uint8Array(4 * COLUMNS) },
};

/** Contents that differ from row to row. */
function fillTerms(): void {
  const pattern = (bytes: Uint8Array, modulus: number) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + (i >> 11)) % modulus;
  };
  pattern(affine.arrays.codes, 251);
  writeScales(
    Float32Array.from({ length: ROWS }, (_, row) => row / 4),
    "F16",
    affine.arrays.scale,
  );
  pattern(ternary.arrays.digits, 3);
  writeScales(Float32Array.of(0.5), "F32", ternary.arrays.scale);
  // Every third row keeps one weight.
  writeU32(
    Uint32Array.from({ length: ROWS + 1 }, (_, row) => Math.floor(row / 3)),
    sparse.arrays.rowStarts,
  );
  pattern(sparse.arrays.columnIndices, 7);
  pattern(sparse.arrays.values, 100);
  pattern(kept.arrays.values, 100);
  writeU32(Uint32Array.of(3, 9), kept.arrays.columns!);
  writeScales(
    Float32Array.from({ length: COLUMNS }, (_, i) => i + 1),
    "F32",
    scale.arrays["scale"]!,
  );
}
fillTerms();

const TERMS: readonly Term[] = [affine, ternary, sparse, kept] as unknown as readonly Term[];

async function storedWeight(
  terms: readonly Term[],
  transforms: readonly InputTransform[],
): Promise<StoredQuantizedWeight> {
  const weight: LowbitWeight = {
    name: "w",
    shape: [terms[0]!.layout.rows, terms[0]!.layout.columns],
    dtype: "BF16",
    terms: terms.map(({ layout }) => layout),
    transforms: transforms.map(({ layout }) => layout),
    provenance: { method: "rtn", options: {}, lowbitVersion: "0.0.0" },
  };
  const { tensors, metadata } = writeLowbitSchema([weight]);
  const file = writeSafetensors(
    tensors.map(({ name, dtype, shape, part, index, array }) => ({
      name,
      dtype,
      shape,
      data: part === "terms" ? termArray(terms[index]!, array) : transforms[index]!.arrays[array]!,
    })),
    metadata,
  );
  const weights: readonly LogicalWeight[] = recogniseWeights(await openFile(createMemorySource(file)));
  return weights[0] as StoredQuantizedWeight;
}

const stored = (): Promise<StoredQuantizedWeight> => storedWeight(TERMS, [scale]);

async function loaded() {
  const memory = new PartMemory();
  const packed = packedWeight(await stored(), memory);
  memory.allocate(createReferenceBackend());
  await packed.fill();
  return packed;
}

describe("packedWeight", () => {
  it("reads a weight of several pieces as it stands in the file: all kinds of arrays and the transforms", async () => {
    expect((await stored()).byteLength).toBeGreaterThan(READ_BYTES);
    const { terms, inputTransforms } = await loaded();
    for (const [i, term] of terms.entries()) {
      expect(term.layout).toEqual(TERMS[i]!.layout);
      for (const [name, bytes] of Object.entries(TERMS[i]!.arrays)) {
        expect(
          termArray(term, name).every((byte, at) => byte === bytes[at]),
          `${term.layout.kind} ${name}`,
        ).toBe(true);
      }
    }
    expect(inputTransforms[0]!.layout).toEqual(scale.layout);
    const [spec] = transformArrays(scale.layout);
    expect(inputTransforms[0]!.arrays[spec!.name]).toEqual(scale.arrays["scale"]);
  });

  it("loads forms that no op takes as the plain ones, of many pieces as of one", async () => {
    const [rows, columns] = [1001, 512];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
    const given = storedTerms(values, rows, columns);
    const weight = await storedWeight(given, []);
    const memory = new PartMemory();
    const { terms, fill } = packedWeight(weight, memory);
    memory.allocate(createReferenceBackend());
    await fill();
    const loadedBytes = terms.reduce((sum, { layout }) => sum + termByteLength(layout), 0);
    expect(loadedBytes).toBeGreaterThan(READ_BYTES);
    expect(terms.map(({ layout }) => layout)).toEqual(given.map(({ layout }) => runnableLayout(layout)));
    for (const [i, term] of terms.entries()) {
      const runs = runnableTerm(given[i]!);
      for (const { name } of termArrays(term.layout)) {
        const wanted = termArray(runs, name);
        expect(
          termArray(term, name).every((byte, at) => byte === wanted[at]),
          `${given[i]!.layout.kind} ${name}`,
        ).toBe(true);
      }
    }
  });

  it("refuses a scale that is not finite, in the last row as in the first", async () => {
    const scales = affine.arrays.scale.slice();
    for (const row of [0, ROWS - 1]) {
      affine.arrays.scale.set([0, 0x7c], 2 * row);
      await expect(loaded()).rejects.toThrow(
        expect.objectContaining({ code: "model/not-finite", facts: { tensor: "w", found: 1, allowed: 0 } }),
      );
      affine.arrays.scale.set(scales);
    }
  });
});

import { createReferenceBackend } from "@lowbit/core/backend";
import { createMemorySource } from "@lowbit/core/bytes";
import type { LogicalWeight, LowbitWeight, StoredQuantizedWeight } from "@lowbit/core/layouts";
import { recogniseWeights, writeLowbitSchema } from "@lowbit/core/layouts";
import { openFile, writeSafetensors } from "@lowbit/core/safetensors";
import {
  allocateTerm,
  type InputTransform,
  type Term,
  termArray,
  transformArrays,
  writeScales,
  writeU32,
} from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
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

async function stored(): Promise<StoredQuantizedWeight> {
  const weight: LowbitWeight = {
    name: "w",
    shape: [ROWS, COLUMNS],
    dtype: "BF16",
    terms: TERMS.map(({ layout }) => layout),
    transforms: [scale.layout],
    provenance: { method: "rtn", options: {}, lowbitVersion: "0.0.0" },
  };
  const { tensors, metadata } = writeLowbitSchema([weight]);
  const file = writeSafetensors(
    tensors.map(({ name, dtype, shape, part, index, array }) => ({
      name,
      dtype,
      shape,
      data: part === "terms" ? termArray(TERMS[index]!, array) : scale.arrays[array]!,
    })),
    metadata,
  );
  const weights: readonly LogicalWeight[] = recogniseWeights(await openFile(createMemorySource(file)));
  return weights[0] as StoredQuantizedWeight;
}

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

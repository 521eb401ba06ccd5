import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import { type LowbitWeight, writeLowbitSchema } from "@lowbit/core/layouts";
import { openCheckpoint } from "@lowbit/core/node";
import { writeSafetensors } from "@lowbit/core/safetensors";
import {
  allocateTerm,
  decodeTerms,
  foldTransforms,
  type InputTransform,
  type Term,
  type TermLayout,
  termArray,
  termArrays,
  writeScales,
  writeU16,
  writeU32,
} from "@lowbit/core/terms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT_CODES } from "../exit-codes.js";
import { lowbit, requireBuild } from "../run-lowbit.fixture.js";

const ROWS = 37;
const COLUMNS = 64;
const matrix = { rows: ROWS, columns: COLUMNS, scaleDtype: "F16" } as const;
const sign = { kind: "sign", ...matrix, granularity: "group", groupSize: 16, hasColumnScale: false } as const;

/** The forms that are small in a file and run as others; every row and column has a marked weight. */
const LAYOUTS: Readonly<Record<string, TermLayout>> = {
  "w.bilevel": { kind: "bilevel", ...matrix, bits: 3, groupSize: 16, scaleBits: 3, zeroBits: 2, rowsPerBlock: 16 },
  "w.bitmap": { kind: "masked", ...matrix, count: ROWS * 8, bits: 5, positions: "bitmap" },
  "w.indices": { kind: "masked", ...matrix, count: ROWS * 8, bits: 5, positions: "indices" },
  "w.some": { ...sign, coveredColumns: 20, zones: 2, hasPruned: true, hasMean: true },
  "w.zero-one": { ...sign, zones: 1, isZeroOne: true, hasMean: false },
};

/** What `inspect` prints. */
const STORAGE: Readonly<Record<string, string>> = {
  "w.bilevel": "bilevel 3-bit g16",
  "w.bitmap": "masked 5-bit 296",
  "w.indices": "masked 5-bit 296",
  "w.some": "sign g16 2 zones on 20 columns",
  "w.zero-one": "zero-one g16",
};

let state = 9;
const next = (): number => {
  state = (state * 48271) % 2147483647; // Park–Miller
  return state;
};

/** Eight columns of every row: row, row + 8, … */
const markedColumns = (row: number): number[] => Array.from({ length: 8 }, (_, i) => (row % 8) + 8 * i);

function filled(layout: TermLayout): Term {
  const term = allocateTerm(layout);
  for (const { name, dtype } of termArrays(layout)) {
    const array = termArray(term, name);
    if (dtype === "F16") {
      writeScales(
        Array.from({ length: array.length / 2 }, () => (next() % 201) / 100 - 1),
        dtype,
        array,
      );
    } else if (name === "columns") {
      writeU32(
        Array.from({ length: 20 }, (_, i) => 3 * i),
        array,
      );
    } else if (name === "rowStarts") {
      writeU32(
        Array.from({ length: ROWS + 1 }, (_, row) => 8 * row),
        array,
      );
    } else if (name === "columnIndices") {
      writeU16(Array.from({ length: ROWS }, (_, row) => markedColumns(row)).flat(), array);
    } else if (name === "positions") {
      for (let row = 0; row < ROWS; row++) array.fill(1 << (row % 8), 8 * row, 8 * row + 8);
    } else {
      for (let i = 0; i < array.length; i++) array[i] = next() & 255;
    }
  }
  return term;
}

function transforms(): InputTransform[] {
  const indices = new Uint8Array(4 * COLUMNS);
  writeU32(
    Array.from({ length: COLUMNS }, (_, i) => (i * 27) % COLUMNS),
    indices,
  );
  const scale = new Uint8Array(2 * COLUMNS);
  writeScales(
    Array.from({ length: COLUMNS }, (_, i) => 0.5 + i / 64),
    "F16",
    scale,
  );
  return [
    { layout: { kind: "permutation", columns: COLUMNS }, arrays: { indices } },
    { layout: { kind: "channel-scale", columns: COLUMNS, scaleDtype: "F16" }, arrays: { scale } },
    { layout: { kind: "hadamard", columns: COLUMNS, size: 16 }, arrays: { signs: new Uint8Array(8).fill(0b01101001) } },
  ];
}

let folder: string;
const at = (name: string): string => join(folder, name);
const values = new Map<string, Float32Array>();

beforeAll(async () => {
  requireBuild();
  folder = await mkdtemp(join(tmpdir(), "lowbit-stored-forms-"));
  const backend = createReferenceBackend();
  const terms = new Map(Object.entries(LAYOUTS).map(([name, layout]) => [name, filled(layout)]));
  const inputTransforms = transforms();
  for (const [name, term] of terms) {
    const decoded = new Float32Array(ROWS * COLUMNS);
    decodeTerms([term], decoded, backend);
    foldTransforms(inputTransforms, { values: decoded, rows: ROWS, columns: COLUMNS }, backend);
    values.set(name, decoded);
  }
  const weights = [...terms].map(([name, term]): LowbitWeight => {
    const provenance = { method: "test", options: {}, lowbitVersion: "0.0.0" };
    const layouts = inputTransforms.map(({ layout }) => layout);
    return { name, shape: [ROWS, COLUMNS], dtype: "BF16", terms: [term.layout], transforms: layouts, provenance };
  });
  const { tensors, metadata } = writeLowbitSchema(weights);
  const data = tensors.map(({ name, dtype, shape, weight, part, index, array }) => {
    const bytes = part === "terms" ? termArray(terms.get(weight)!, array) : inputTransforms[index]!.arrays[array]!;
    return { name, dtype, shape, data: bytes };
  });
  await writeFile(at("forms.safetensors"), writeSafetensors(data, metadata));
});
afterAll(() => rm(folder, { recursive: true }));

describe("weights of stored forms after a permutation, a channel scale and a rotation", { timeout: 60_000 }, () => {
  it("are listed by inspect with their forms and transforms", async () => {
    const { exitCode, stdout } = await lowbit(["inspect", at("forms.safetensors"), "--json"]);
    expect(exitCode).toBe(EXIT_CODES.ok);
    const { weights } = JSON.parse(stdout) as { weights: readonly { name: string; storage: string }[] };
    expect(Object.fromEntries(weights.map(({ name, storage }) => [name, storage]))).toEqual(
      Object.fromEntries(
        Object.entries(STORAGE).map(([name, text]) => [
          name,
          `test: ${text} after permutation, channel-scale, hadamard`,
        ]),
      ),
    );
  });

  it("have the statistics of their decoded values", async () => {
    const { stdout } = await lowbit(["stats", at("forms.safetensors"), "--json", "--places", "--threads", "2"]);
    const { tensors } = JSON.parse(stdout) as { tensors: readonly Record<string, unknown>[] };
    expect(tensors.map(({ name }) => name)).toEqual([...values.keys()].sort());
    for (const figures of tensors) {
      const decoded = values.get(figures["name"] as string)!;
      const mean = decoded.reduce((sum, value) => sum + value, 0) / decoded.length;
      expect(figures["mean"]).toBeCloseTo(mean, 6);
      expect(figures["maximum"]).toBe(Math.max(...decoded));
      expect(figures["isDecoded"]).toBe(true);
    }
  });

  it("have statistics of their stored arrays with --arrays", async () => {
    const { stdout } = await lowbit(["stats", at("forms.safetensors"), "--json", "--arrays", "--tensor", "w.bilevel*"]);
    const { tensors } = JSON.parse(stdout) as { tensors: readonly Record<string, unknown>[] };
    expect(tensors.map(({ name }) => name)).toContain("w.bilevel.terms.0.scaleCodes");
    expect(tensors.every(({ isDecoded }) => isDecoded === false)).toBe(true);
  });

  it("are drawn by stats --outlier-map under their own name", async () => {
    const map = ["--outlier-map", "w.some", "--png", at("map.png"), "--json"];
    const { exitCode, stdout } = await lowbit(["stats", at("forms.safetensors"), ...map]);
    expect(exitCode).toBe(EXIT_CODES.ok);
    expect(JSON.parse(stdout)).toMatchObject({ tensor: "w.some", tileRows: 1, tileColumns: 1 });
  });

  it("are dequantized to their values, and compare finds both equal", async () => {
    const plain = at("plain.safetensors");
    expect((await lowbit(["dequantize", at("forms.safetensors"), plain, "--dtype", "f32"])).exitCode).toBe(
      EXIT_CODES.ok,
    );
    const checkpoint = await openCheckpoint(plain);
    for (const [name, decoded] of values) {
      const bytes = new Uint8Array(4 * decoded.length);
      await checkpoint.read(checkpoint.tensor(name)!, 0, bytes);
      expect(new Float32Array(bytes.buffer)).toEqual(decoded);
    }
    await checkpoint.close();
    const { exitCode, stdout } = await lowbit(["compare", at("forms.safetensors"), plain, "--json"]);
    expect(exitCode).toBe(EXIT_CODES.ok);
    const { weights } = JSON.parse(stdout) as { weights: readonly { error: { relativeError: number } }[] };
    expect(weights.length).toBe(5);
    for (const { error } of weights) expect(error.relativeError).toBe(0);
  });
});

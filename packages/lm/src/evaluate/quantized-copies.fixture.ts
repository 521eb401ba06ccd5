import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import { type LowbitWeight, writeLowbitSchema } from "@lowbit/core/layouts";
import { dequantizeCheckpoint, openCheckpoint, quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { type TensorData, writeSafetensors } from "@lowbit/core/safetensors";
import { type InputTransform, type Term, termArray, transformWeights, writeScales, writeU32 } from "@lowbit/core/terms";
import { afterAll, beforeAll } from "vitest";
import { storedTerms } from "../stored-forms.fixture.js";

const NATIVE = {
  module: new URL("../../../kernels-native/src/index.ts", import.meta.url).href,
  exportName: "createNativeBackend",
};

export interface QuantizedCopies {
  /** A directory with what a method makes of a model. */
  quantized(input: string, method: string, options?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A directory with the same weights as plain F32. */
  dequantized(input: string): Promise<string>;
  /** A directory where every projection is split into a sparse term of its largest weights and a dense term of the rest. */
  split(input: string): Promise<string>;
  /** A directory where every projection is a sum of the terms that no op takes as they are stored, after two transforms. */
  stored(input: string): Promise<string>;
}

/** Copies of models in a folder that is removed after the tests. */
export function quantizedCopies(): QuantizedCopies {
  let folder = "";
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lowbit-evaluate-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const next = (): string => join(folder, String(count++));
  const run = { threads: 1, backend: NATIVE };
  return {
    async quantized(input, method, options = {}) {
      const output = next();
      const plan = { method, options, rules: [] } as Parameters<typeof quantizeCheckpoint>[0]["plan"];
      await quantizeCheckpoint({ input, output, plan, quantizers: QUANTIZERS, ...run });
      return output;
    },
    async dequantized(input) {
      const output = next();
      await dequantizeCheckpoint({ input, output, dtype: "F32", ...run });
      return output;
    },
    async split(input) {
      const output = next();
      await writeCopy(input, output, splitTerms, () => []);
      return output;
    },
    async stored(input) {
      const output = next();
      await writeCopy(input, output, storedTerms, someTransforms);
      return output;
    },
  };
}

type MakeTerms = (values: Float32Array, rows: number, columns: number) => readonly Term[];

/** A copy of a model whose projections are stored as the terms and transforms that the functions make. */
async function writeCopy(
  input: string,
  output: string,
  makeTerms: MakeTerms,
  makeTransforms: (columns: number) => readonly InputTransform[],
): Promise<void> {
  await mkdir(output);
  for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
    await cp(join(input, file), join(output, file));
  }
  const backend = createReferenceBackend();
  const checkpoint = await openCheckpoint(input);
  const plain: TensorData[] = [];
  const weights: LowbitWeight[] = [];
  const terms = new Map<string, readonly Term[]>();
  const transforms = new Map<string, readonly InputTransform[]>();
  for (const tensor of checkpoint.tensors) {
    const { name, shape, dtype } = tensor;
    const data = new Uint8Array(tensor.byteLength);
    await checkpoint.read(tensor, 0, data);
    if (!name.includes("_proj")) {
      plain.push({ name, dtype, shape, data });
      continue;
    }
    const [rows, columns] = shape as [number, number];
    const values = new Float32Array(rows * columns);
    backend.decodeFloats(dtype as "F32", data, values);
    const inputTransforms = makeTransforms(columns);
    transformWeights(inputTransforms, { values, rows, columns }, backend);
    const made = makeTerms(values, rows, columns);
    terms.set(name, made);
    transforms.set(name, inputTransforms);
    weights.push({
      name,
      shape,
      dtype,
      terms: made.map(({ layout }) => layout),
      transforms: inputTransforms.map(({ layout }) => layout),
      provenance: { method: "copy", options: {}, lowbitVersion: "0.0.0" },
    });
  }
  await checkpoint.close();
  const schema = writeLowbitSchema(
    weights,
    plain.map(({ name }) => name),
  );
  const packed = schema.tensors.map(({ name, dtype, shape, weight, part, index, array }) => {
    const data =
      part === "terms" ? termArray(terms.get(weight)![index]!, array) : transforms.get(weight)![index]!.arrays[array]!;
    return { name, dtype, shape, data };
  });
  await writeFile(join(output, "model.safetensors"), writeSafetensors([...packed, ...plain], schema.metadata));
}

/** The columns backwards, then a scale from 0.5 to 1.5. */
function someTransforms(columns: number): readonly InputTransform[] {
  const indices = new Uint8Array(4 * columns);
  writeU32(
    Array.from({ length: columns }, (_, i) => columns - 1 - i),
    indices,
  );
  const scale = new Uint8Array(4 * columns);
  writeScales(
    Array.from({ length: columns }, (_, i) => 0.5 + i / columns),
    "F32",
    scale,
  );
  return [
    { layout: { kind: "permutation", columns }, arrays: { indices } },
    { layout: { kind: "channel-scale", columns, scaleDtype: "F32" }, arrays: { scale } },
  ];
}

/** The weights above twice the mean magnitude, and the others. */
function splitTerms(values: Float32Array, rows: number, columns: number): readonly Term[] {
  const threshold = (2 * values.reduce((sum, value) => sum + Math.abs(value), 0)) / values.length;
  const starts = [0];
  const indices: number[] = [];
  const kept: number[] = [];
  const rest = values.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = row * columns + column;
      if (Math.abs(values[place]!) <= threshold) continue;
      indices.push(column);
      kept.push(values[place]!);
      rest[place] = 0;
    }
    starts.push(kept.length);
  }
  const packed = (numbers: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(numbers.length * 4);
    writeU32(Uint32Array.from(numbers), bytes);
    return bytes;
  };
  return [
    {
      layout: { kind: "sparse", rows, columns, count: kept.length, indexDtype: "U32", valueDtype: "F32" },
      arrays: {
        rowStarts: packed(starts),
        columnIndices: packed(indices),
        values: new Uint8Array(Float32Array.from(kept).buffer),
      },
    },
    {
      layout: { kind: "dense", rows, columns, valueDtype: "F32" },
      arrays: { values: new Uint8Array(rest.buffer) },
    },
  ];
}

import { readFileSync } from "node:fs";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import type { FloatDtype } from "../dtype/dtype-table.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { openFile } from "../safetensors/open-file.js";
import type { TensorData } from "../safetensors/write-safetensors.js";
import type { LogicalWeight } from "./logical-weight.js";
import { openWeight } from "./read-weight.js";

/** A small checkpoint that a client wrote, and the weights that the client makes of it (scripts/clients/). */
export interface GoldenCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly file: string;
  readonly expected: Readonly<
    Record<string, { readonly dtype: string; readonly shape: number[]; readonly data: string }>
  >;
}

export function goldenCases(layout: string): readonly GoldenCase[] {
  const path = new URL(`./${layout}/__golden__/${layout}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { cases: GoldenCase[] }).cases;
}

export function openGolden({ file, config }: Pick<GoldenCase, "file" | "config">): Promise<Checkpoint> {
  return openFile(createMemorySource(new Uint8Array(Buffer.from(file, "base64")), "model.safetensors"), { config });
}

/** The tensors of a golden case, to be changed and opened again. */
export async function goldenTensors({ file }: Pick<GoldenCase, "file">): Promise<TensorData[]> {
  const checkpoint = await openGolden({ file, config: {} });
  return Promise.all(
    checkpoint.tensors.map(async (tensor) => {
      const data = new Uint8Array(tensor.byteLength);
      if (data.length > 0) await checkpoint.read(tensor, 0, data);
      return { name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, data };
    }),
  );
}

const DTYPES: Readonly<Record<string, FloatDtype>> = { bfloat16: "BF16", float16: "F16", float32: "F32" };
const backend = createReferenceBackend();

/** What the client has, as f32; its −0 as 0, which a sum of terms begins with. */
export function expectedValues({ dtype, data }: GoldenCase["expected"][string]): Float32Array {
  return decoded(new Uint8Array(Buffer.from(data, "base64")), DTYPES[dtype]!).map((value) => value + 0);
}

function decoded(bytes: Uint8Array, dtype: FloatDtype): Float32Array {
  const values = new Float32Array((8 * bytes.byteLength) / { BF16: 16, F16: 16, F32: 32 }[dtype as "F32"]);
  backend.decodeFloats(dtype, bytes, values);
  return values;
}

/** Our weights, rounded to what the client keeps them in; read in two blocks of rows. */
export async function roundedWeight(
  checkpoint: Checkpoint,
  weight: LogicalWeight,
  dtype: string,
): Promise<Float32Array> {
  const rows = await openWeight(checkpoint, weight, backend);
  const values = new Float32Array(rows.rows * rows.columns);
  const split = Math.ceil(rows.rows / 3);
  await rows.read(0, split, values.subarray(0, split * rows.columns));
  await rows.read(split, rows.rows, values.subarray(split * rows.columns));
  const stored = new Uint8Array(4 * values.length);
  const kept = DTYPES[dtype]!;
  backend.encodeFloats(kept, values, stored);
  return decoded(stored.subarray(0, kept === "F32" ? stored.length : stored.length / 2), kept);
}

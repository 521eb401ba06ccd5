import { createReferenceBackend } from "@lowbit/core/backend";
import { createMemorySource } from "@lowbit/core/bytes";
import { DTYPES, encodeFloats, type FloatDtype } from "@lowbit/core/dtype";
import { type GgufCheckpoint, type GgufMetadata, type GgufTensorData, openGguf, writeGguf } from "@lowbit/core/gguf";
import { type GoldenModel, goldenTensors, memoryCheckpoint } from "../architectures/golden-model.fixture.js";
import { exportMetadata } from "./export-metadata.js";
import { exportModel } from "./export-model.js";
import { openExportRows } from "./export-rows.js";
import type { GgufExport } from "./gguf-export.js";
import { placeRows } from "./place-rows.js";

const FILE_TYPES = { F32: 0, F16: 1, BF16: 32 } as const;
export type PlainFileType = keyof typeof FILE_TYPES;

const backend = createReferenceBackend();

/** A golden model as its GGUF file states it. */
export async function exportGolden(golden: GoldenModel, dtype: FloatDtype = "F32"): Promise<GgufExport> {
  const checkpoint = await memoryCheckpoint(goldenTensors(golden, dtype));
  return exportModel({ name: "golden", checkpoint, config: golden.config }, backend);
}

/** A golden model as a GGUF file. */
export async function goldenGguf(
  golden: GoldenModel,
  type: PlainFileType = "F32",
  tokenizer?: GgufMetadata,
): Promise<Uint8Array> {
  const checkpoint = await memoryCheckpoint(goldenTensors(golden, type));
  const model = await exportModel({ name: "golden", checkpoint, config: golden.config }, backend);
  const tensors: GgufTensorData[] = [];
  for (const tensor of model.tensors) {
    const { rows, columns, read } = await openExportRows(tensor, checkpoint, backend);
    const values = new Float32Array(rows * columns);
    await read(0, rows, values);
    const stored = tensor.role === "kept" ? "F32" : type;
    const rowBytes = (columns * DTYPES[stored].bits) / 8;
    const bytes = new Uint8Array(rows * rowBytes);
    encodeFloats(stored, values, bytes);
    const data = new Uint8Array(bytes.length);
    const order = tensor.source.kind === "weight" ? tensor.source.order : undefined;
    for (const run of placeRows(order, 0, rowBytes, bytes)) data.set(run.bytes, run.row * rowBytes);
    tensors.push({ name: tensor.name, shape: tensor.shape, type: stored, data });
  }
  const metadata = exportMetadata(model, {
    name: "golden",
    fileType: FILE_TYPES[type],
    isQuantized: false,
    ...(tokenizer !== undefined && { tokenizer }),
  });
  return writeGguf(metadata, tensors);
}

export function openGgufBytes(bytes: Uint8Array): Promise<GgufCheckpoint> {
  return openGguf(createMemorySource(bytes));
}

/** The same file with some keys set to other values; undefined removes one. */
export async function withKeys(
  bytes: Uint8Array,
  changes: Readonly<Record<string, Parameters<Map<string, GgufMetadataValue>["set"]>[1] | undefined>>,
): Promise<GgufCheckpoint> {
  const checkpoint = await openGgufBytes(bytes);
  const metadata = new Map(checkpoint.gguf);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  return { ...checkpoint, gguf: metadata };
}

type GgufMetadataValue = GgufMetadata extends ReadonlyMap<string, infer V> ? V : never;

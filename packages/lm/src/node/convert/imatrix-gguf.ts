import { LowbitError } from "@lowbit/core/errors";
import {
  type GgufCheckpoint,
  type GgufMetadata,
  type GgufTensorData,
  type GgufValue,
  ggufArray,
  writeGguf,
} from "@lowbit/core/gguf";
import type { CheckpointTensor } from "@lowbit/core/safetensors";
import type { ImportanceEntry, ImportanceFile } from "./importance.js";

const SUMS = ".in_sum2";
const COUNTS = ".counts";
const DATASETS_KEY = "imatrix.datasets";
const CHUNKS_KEY = "imatrix.chunk_count";
const CHUNK_SIZE_KEY = "imatrix.chunk_size";
/** Values of the widest feed-forward layer of any model, times experts. */
const MOST_BYTES = 2 ** 28;

/**
 * llama.cpp's importance matrix in a GGUF file: of each weight "NAME.in_sum2" [matrices, columns], the sum of x² of every input
 * feature, and "NAME.counts" [matrices, 1], the tokens.
 * @throws `convert/importance-file`
 */
export async function readImatrixGguf(checkpoint: GgufCheckpoint): Promise<ImportanceFile> {
  const entries = new Map<string, ImportanceEntry>();
  for (const tensor of checkpoint.tensors) {
    if (!tensor.name.endsWith(SUMS)) continue;
    const name = tensor.name.slice(0, -SUMS.length);
    const sums = await floats(checkpoint, tensor);
    const counts = await floats(checkpoint, checkpoint.tensor(`${name}${COUNTS}`), `${name}${COUNTS}`);
    if (counts.length === 0 || sums.length % counts.length !== 0) {
      throw invalid(checkpoint.name, `${name} has ${sums.length} sums and ${counts.length} counts`);
    }
    entries.set(name, { values: means(sums, counts), matrices: counts.length });
  }
  if (entries.size === 0) throw invalid(checkpoint.name, `no tensor is called *${SUMS}`);
  const datasets = checkpoint.gguf.get(DATASETS_KEY);
  const chunks = checkpoint.gguf.get(CHUNKS_KEY);
  return {
    entries,
    chunks: chunks === undefined || chunks.type === "array" ? 0 : Number(chunks.value),
    datasets: datasets?.type === "array" ? datasets.values.map(String) : [],
  };
}

/** Means of every matrix; 1, no opinion, for one that no token has reached. */
function means(sums: Float32Array, counts: Float32Array): Float32Array {
  const columns = sums.length / counts.length;
  return sums.map((sum, i) => {
    const count = counts[Math.floor(i / columns)]!;
    return count > 0 ? sum / count : 1;
  });
}

async function floats(
  checkpoint: GgufCheckpoint,
  tensor: CheckpointTensor | undefined,
  name = tensor?.name ?? "",
): Promise<Float32Array> {
  if (tensor === undefined) throw invalid(checkpoint.name, `there is no tensor ${name}`);
  if (tensor.dtype !== "F32" || tensor.byteLength > MOST_BYTES) {
    throw invalid(checkpoint.name, `${name} is ${tensor.blockType ?? tensor.dtype} of ${tensor.byteLength} bytes`);
  }
  const bytes = new Uint8Array(tensor.byteLength);
  await checkpoint.read(tensor, 0, bytes);
  return new Float32Array(bytes.buffer);
}

function invalid(file: string, problem: string): LowbitError {
  return new LowbitError("convert/importance-file", `${file} is no importance matrix: ${problem}.`, { file, problem });
}

/** What an importance matrix to be written says of itself. */
export interface ImatrixFacts {
  readonly dataset: string;
  readonly chunks: number;
  /** Tokens of a chunk. */
  readonly chunkSize: number;
}

/**
 * An importance matrix as llama.cpp's tools read it, entries in the order of their names.
 * @param moments mean of x² of every input feature, by name of the tensor in a GGUF file
 */
export function writeImatrixGguf(
  moments: ReadonlyMap<string, { readonly meanSquare: ArrayLike<number>; readonly tokens: number }>,
  { dataset, chunks, chunkSize }: ImatrixFacts,
): Uint8Array {
  const metadata: GgufMetadata = new Map<string, GgufValue>([
    ["general.type", { type: "string", value: "imatrix" }],
    [DATASETS_KEY, ggufArray("string", [dataset])],
    [CHUNKS_KEY, { type: "uint32", value: chunks }],
    [CHUNK_SIZE_KEY, { type: "uint32", value: chunkSize }],
  ]);
  const names = [...moments.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  const tensors = names.flatMap((name): GgufTensorData[] => {
    const { meanSquare, tokens } = moments.get(name)!;
    const sums = Float32Array.from(meanSquare, (mean) => mean * tokens);
    const counts = Float32Array.of(tokens);
    return [
      { name: `${name}${SUMS}`, shape: [1, sums.length], type: "F32", data: new Uint8Array(sums.buffer) },
      { name: `${name}${COUNTS}`, shape: [1, 1], type: "F32", data: new Uint8Array(counts.buffer) },
    ];
  });
  return writeGguf(metadata, tensors);
}

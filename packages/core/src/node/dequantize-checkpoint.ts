import { LowbitError } from "../errors/index.js";
import type { LogicalWeight, StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { LOWBIT_METADATA_KEY } from "../layouts/lowbit/lowbit-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { ChunkTask } from "../pipeline/chunk-task.js";
import { threadsWithinMemory } from "../pipeline/memory-limit.js";
import { layOutOutput, type OutputUnit } from "../pipeline/output-files.js";
import type { ProgressListener } from "../pipeline/progress.js";
import { workspaceSizes } from "../pipeline/workspace-sizes.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { BackendModule } from "./backend-module.js";
import { makeFingerprint } from "./fingerprint.js";
import { lowbitVersion } from "./lowbit-version.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { checkOutputApart, modelDirectory } from "./output-paths.js";
import { checkOutputPaths, isSingleFile, singleFileName } from "./partial-output.js";
import { DEFAULT_SHARD_BYTES } from "./prepare-quantization.js";
import { refuseGguf } from "./refuse-gguf.js";
import { runToOutput } from "./run-to-output.js";
import { findSideFiles, writeSideFiles } from "./side-files.js";

export type DequantizedDtype = "F16" | "BF16" | "F32";

export interface DequantizeOptions {
  readonly input: string;
  readonly output: string;
  /** Of the weights that were quantized; other tensors keep theirs. */
  readonly dtype: DequantizedDtype;
  readonly threads: number;
  readonly backend: BackendModule;
  readonly maxMemoryBytes?: number;
  readonly maxShardBytes?: number;
  readonly keepSplit?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

export interface DequantizeReport {
  readonly output: string;
  /** Weights that were quantized, and tensors that were copied. */
  readonly dequantizedWeights: number;
  readonly copiedTensors: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  readonly threads: number;
  readonly backend: string;
}

/** Writes every quantized weight of a checkpoint as plain values; atomic, resumable and bounded like quantizing. */
export async function dequantizeCheckpoint(options: DequantizeOptions): Promise<DequantizeReport> {
  const started = performance.now();
  const { input, output, dtype } = options;
  await checkOutputPaths({ output, resume: options.resume ?? false, force: options.force ?? false });
  const checkpoint = await openCheckpoint(input);
  try {
    refuseGguf(checkpoint);
    await checkOutputApart(input, output);
    const weights = recogniseWeights(checkpoint);
    const quantized = weights.filter((weight): weight is StoredQuantizedWeight => weight.kind === "quantized");
    if (quantized.length === 0) {
      throw new LowbitError("pipeline/not-quantized", `${input} holds no quantized weight.`, { input });
    }
    const units = weights.map((weight): OutputUnit => {
      const { name, shape } = weight;
      return { name, shard: weight.tensors[0]!.shard, tensors: [{ name, shape, dtype: storedDtype(weight, dtype) }] };
    });
    const single = isSingleFile(output);
    const { files, places } = layOutOutput(
      units,
      {
        maxShardBytes: options.maxShardBytes ?? DEFAULT_SHARD_BYTES,
        keepSplit: options.keepSplit ?? false,
        ...(single && { singleFile: singleFileName(output) }),
      },
      (inFile) => {
        const [first] = inFile;
        const { [LOWBIT_METADATA_KEY]: _, ...others } = checkpoint.metadata.get(first?.shard ?? "") ?? {};
        return others;
      },
    );
    const tasks = weights.map((weight): ChunkTask => {
      const place = places.get(weight.name)!;
      if (weight.kind === "plain") return { kind: "copy", tensor: weight.tensors[0]!, place };
      return { kind: "dequantize", weight: weight.name, shape: matrixShape(weight.shape), dtype, place };
    });
    const sizes = workspaceSizes(tasks);
    const threads = threadsWithinMemory(sizes, options.threads, options.maxMemoryBytes);
    const directory = single ? undefined : await modelDirectory(input);
    const sideFiles = directory === undefined ? undefined : await findSideFiles(directory);
    const { backend } = await runToOutput({
      phase: "dequantize",
      setup: { tasks, sizes, input, backend: options.backend },
      names: weights.map(({ name }) => name),
      inputBytes: weights.map(({ byteLength }) => byteLength),
      files,
      fingerprint: await makeFingerprint({
        lowbitVersion: lowbitVersion(),
        input,
        checkpoint,
        settings: `dequantize to ${dtype}`,
        decisions: dtype,
        files,
      }),
      writeExtras: async (target) => {
        if (sideFiles) await writeSideFiles(sideFiles, target, undefined);
      },
      threads,
      run: { ...options, quantizers: {} },
    });
    return {
      output,
      dequantizedWeights: quantized.length,
      copiedTensors: weights.length - quantized.length,
      inputBytes: weights.reduce((sum, { byteLength }) => sum + byteLength, 0),
      outputBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
      seconds: (performance.now() - started) / 1000,
      threads,
      backend,
    };
  } finally {
    await checkpoint.close();
  }
}

function storedDtype(weight: LogicalWeight, dtype: DequantizedDtype): LogicalWeight["dtype"] {
  return weight.kind === "plain" ? weight.dtype : dtype;
}

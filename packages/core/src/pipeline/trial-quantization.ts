import type { KernelBackend } from "../backend/kernel-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { LowbitError } from "../errors/index.js";
import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { Checkpoint, CheckpointTensor, TensorReader } from "../safetensors/checkpoint.js";
import { quoteName, showShape } from "../safetensors/header-problem.js";
import { openFile } from "../safetensors/open-file.js";
import { throwIfAborted } from "./abort.js";
import type { QuantizerTable } from "./chunk-environment.js";
import { NO_ERROR } from "./error-sums.js";
import type { ChunkExecutor } from "./executor.js";
import { createInProcessExecutor } from "./in-process-executor.js";
import { createMemoryWriter } from "./memory-writer.js";
import { plainMemory } from "./plain-memory.js";
import { type PlannedTensor, planQuantization } from "./plan.js";
import { createProgressMeter, type ProgressListener } from "./progress.js";
import { layOutQuantization } from "./quantization-output.js";
import { type ErrorFigures, errorFigures } from "./report.js";
import { runTasks } from "./run-tasks.js";
import { takeTurns } from "./take-turns.js";
import { createWorkspace, workspaceByteLength } from "./workspace.js";
import { workspaceSizes } from "./workspace-sizes.js";

export interface TrialMethod {
  readonly method: string;
  /** As given; the rest takes its default. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface TrialContext {
  readonly backend: KernelBackend;
  readonly quantizers: QuantizerTable;
  /** Most bytes of result and working memory together; no limit when absent. */
  readonly maxBytes?: number;
  /** Noted in the result as what made it. */
  readonly lowbitVersion?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

export interface TrialQuantization {
  /** One quantized weight in memory, under its own name. Closing it is not needed. */
  readonly checkpoint: Checkpoint;
  readonly weight: StoredQuantizedWeight;
  readonly method: string;
  /** Every option with its value. */
  readonly options: object;
  /** Bytes of its arrays, which are what a file would hold. */
  readonly storedBytes: number;
  readonly storedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
  /** Against the values that were quantized. */
  readonly error: ErrorFigures;
  readonly seconds: number;
}

/** Name of the one file. */
const FILE = "trial.safetensors";
/** What other programs noted in the input says nothing of one weight. */
const NOTHING: Pick<Checkpoint, "metadata"> = { metadata: new Map() };

/**
 * Quantizes one weight into memory, by the pipeline that writes files: the result holds the bytes that a run would write.
 * @param checkpoint reads `tensor`: a checkpoint, or its `decodedCheckpoint`, whose tensors are the decoded values of
 * weights that are quantized already
 * @throws `pipeline/trial-refused` for what is no float matrix, `pipeline/trial-too-large`, `pipeline/aborted`,
 * `pipeline/non-finite-weight`, `pipeline/scale-overflow`, `options/…`, and what reading throws
 */
export async function trialQuantization(
  checkpoint: TensorReader,
  tensor: CheckpointTensor,
  { method, options }: TrialMethod,
  context: TrialContext,
): Promise<TrialQuantization> {
  const started = performance.now();
  const { backend, quantizers, signal } = context;
  const rule = { origin: "the trial", matches: () => true, action: { kind: "quantize" as const, method, options } };
  const plan = planQuantization([tensor], { method, options, rules: [rule] }, quantizers);
  const [planned] = plan.tensors;
  if (planned?.quantization === undefined) throw refused(tensor, planned!.reason);
  const split = { maxShardBytes: Number.POSITIVE_INFINITY, keepSplit: false, singleFile: FILE };
  const output = layOutQuantization(plan, NOTHING, [], split, context.lowbitVersion ?? "trial");
  const sizes = workspaceSizes(output.tasks);
  refuseTooLarge(tensor, output.files[0]!.byteLength + workspaceByteLength(sizes), context.maxBytes);

  const workspace = createWorkspace(plainMemory, sizes);
  const writer = createMemoryWriter(output);
  const executor = createInProcessExecutor(output.tasks, {
    checkpoint,
    readsAhead: false,
    writer,
    backend,
    quantizers,
    workspace,
    pause: takeTurns(),
    throwIfAborted: () => throwIfAborted(signal),
    close: async () => workspace.release(),
  });
  const error = await runOne(executor, planned, context);
  const result = await openFile(createMemorySource(writer.files.get(FILE)!, `${quoteName(tensor.name)} on trial`), {
    shard: FILE,
  });
  const weight = recogniseWeights(result)[0] as StoredQuantizedWeight;
  const { storedBitsPerWeight, claimedBitsPerWeight } = planned.quantization;
  return {
    checkpoint: result,
    weight,
    method,
    options: planned.quantization.options,
    storedBytes: weight.byteLength,
    storedBitsPerWeight,
    claimedBitsPerWeight,
    error,
    seconds: (performance.now() - started) / 1000,
  };
}

async function runOne(
  executor: ChunkExecutor,
  { tensor, inputBytes, quantization }: PlannedTensor,
  { quantizers, onProgress }: TrialContext,
): Promise<ErrorFigures> {
  const { method, options } = quantization!;
  const readings = 1 + (quantizers[method]!.survey?.passes(options) ?? 0);
  const meter = createProgressMeter("quantize", inputBytes * readings, 0, onProgress);
  let sums = NO_ERROR;
  try {
    await runTasks(executor, {
      quantizers,
      pending: [0],
      inputBytes: () => inputBytes,
      chunkDone: (_, bytes) => meter.add(tensor.name, bytes),
      async taskDone({ errors }) {
        sums = errors!;
      },
    });
  } finally {
    await executor.close();
  }
  return errorFigures(sums);
}

function refused({ name, shape, dtype }: CheckpointTensor, reason: string): LowbitError {
  return new LowbitError(
    "pipeline/trial-refused",
    `${quoteName(name)}, ${showShape(dtype, shape)}, cannot be quantized: ${reason}.`,
    { tensor: name, dtype, shape: shape.slice(0, 16), reason },
  );
}

function refuseTooLarge({ name }: CheckpointTensor, needed: number, allowed: number | undefined): void {
  if (allowed === undefined || needed <= allowed) return;
  throw new LowbitError(
    "pipeline/trial-too-large",
    `${quoteName(name)} needs ${needed} bytes of memory to be quantized on trial; ${allowed} are allowed.`,
    { tensor: name, found: needed, allowed },
  );
}

import type { ErrorFacts } from "../errors/index.js";
import { type ErrorCode, isLowbitError, LowbitError } from "../errors/index.js";
import { decodedCheckpoint } from "../layouts/decoded-checkpoint.js";
import type { ChunkEnvironment, QuantizerTable } from "../pipeline/chunk-environment.js";
import type { ChunkJob, ChunkTask } from "../pipeline/chunk-task.js";
import { createWeightCatalog } from "../pipeline/weight-catalog.js";
import { createWorkspace, type WorkspaceSizes } from "../pipeline/workspace.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { type BackendModule, loadBackend } from "./backend-module.js";
import { createFileWriter } from "./file-writer.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { filesDirectory } from "./output-paths.js";
import { createSyncFileWriter, openTensorFiles, withSyncReads } from "./sync-files.js";

/** Everything that a thread needs to do chunks; plain data. */
export interface ChunkSetup {
  readonly tasks: readonly ChunkTask[];
  readonly sizes: WorkspaceSizes;
  /** Path of the input; the left side of a comparison. */
  readonly input: string;
  readonly other?: string;
  /** Directory of the output files; absent where nothing is written. */
  readonly outputDirectory?: string;
  readonly backend: BackendModule;
}

export type ToWorker = { readonly id: number; readonly job: ChunkJob } | "close";
export type FromWorker =
  | { readonly kind: "ready"; readonly backend: string }
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number | undefined; readonly error: PlainError };

export interface PlainError {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly stack?: string | undefined;
}

/**
 * Opens files and a backend of its own. Whoever calls closes what it returns.
 * @param blocking whether file access may block the thread: in workers, which do nothing else
 */
export async function openChunkEnvironment(
  setup: ChunkSetup,
  quantizers: QuantizerTable,
  throwIfAborted: () => void,
  blocking: boolean,
): Promise<ChunkEnvironment & { close(): Promise<void> }> {
  const backend = await loadBackend(setup.backend);
  const workspace = createWorkspace(backend, setup.sizes);
  const open = blocking ? openBlocking : openCheckpoint;
  const readsWeights = setup.tasks.some(
    (task) =>
      task.kind === "dequantize" ||
      task.kind === "compare" ||
      (task.kind === "encode" && task.source.kind === "weight"),
  );
  const scansDecoded = setup.tasks.some((task) => task.kind === "scan" && task.isDecoded);
  const whole = readsWeights || scansDecoded || !blocking ? await open(setup.input) : undefined;
  const stored = whole ?? openTensorFiles(await filesDirectory(setup.input));
  const checkpoint = scansDecoded ? decodedCheckpoint(whole!, backend) : stored;
  const other = setup.other === undefined ? undefined : await open(setup.other);
  const createWriter = blocking ? createSyncFileWriter : createFileWriter;
  const writer = setup.outputDirectory === undefined ? undefined : createWriter(setup.outputDirectory);
  return {
    checkpoint,
    readsAhead: !blocking,
    ...(readsWeights && { weights: createWeightCatalog(whole!, backend) }),
    ...(other && { otherWeights: createWeightCatalog(other, backend) }),
    ...(writer && { writer }),
    backend,
    quantizers,
    workspace,
    throwIfAborted,
    async close() {
      workspace.release();
      backend.close();
      await Promise.all([checkpoint.close(), other?.close(), writer?.close()]);
    },
  };
}

async function openBlocking(path: string): Promise<Checkpoint> {
  return withSyncReads(await openCheckpoint(path), await filesDirectory(path));
}

/** Errors lose their class and code on the way between threads; these two keep them. */
export function toPlainError(error: unknown): PlainError {
  if (isLowbitError(error)) return { code: error.code, message: error.message, facts: error.facts };
  return {
    message: error instanceof Error ? error.message : String(error),
    facts: {},
    stack: error instanceof Error ? error.stack : undefined,
  };
}

export function fromPlainError({ code, message, facts, stack }: PlainError): Error {
  if (code !== undefined) return new LowbitError(code, message, facts);
  const error = new LowbitError("pipeline/worker-failed", `A worker thread failed: ${message}`);
  if (stack !== undefined) error.stack = stack;
  return error;
}

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { isLowbitError } from "@lowbit/core/errors";
import { openWeight, recogniseWeights } from "@lowbit/core/layouts";
import { checkOutputPaths, isResumable, lowbitVersion, openStagedOutput, type StagedOutput } from "@lowbit/core/node";
import { type FinishedTensor, makeReport, type QuantizationReport, refuseNothingToDo } from "@lowbit/core/pipeline";
import { createMemoryStore } from "../calibration/activation-store.js";
import { gradientKinds } from "../calibration/collectors/collector-table.js";
import type { StatisticsFile } from "../calibration/statistics-file.js";
import type { ModelSource } from "../model/language-model.js";
import { planMemory } from "../quantize/plan-memory.js";
import { type BlockStatistics, quantizeBlocks } from "../quantize/quantize-blocks.js";
import { quantizeWeight } from "../quantize/quantize-weight.js";
import { calibrateModel } from "./calibrate-model.js";
import { createDiskStore } from "./disk-activation-store.js";
import { openStatistics } from "./open-statistics.js";
import {
  circumstances,
  type ModelQuantizationSettings,
  outputOrigin,
  type PreparedModel,
  prepareModelQuantization,
} from "./prepare-model-quantization.js";
import { blockStage, loadStagedBlock, OTHERS_STAGE, recordedWeight, recordsOf, stagedWeight } from "./staged-blocks.js";

export interface QuantizeModelOptions extends ModelQuantizationSettings {
  /** Go on with the unfinished output of an earlier run, at the block after its last complete one. */
  readonly resume?: boolean;
  /** Replace an existing output, at the end. */
  readonly force?: boolean;
  /** Bytes; activations that do not fit go to disk. Absent: no limit. */
  readonly maxMemory?: number;
  /** Where activations go that do not fit in memory. Default: the system's temporary folder. */
  readonly temporaryDirectory?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
}

/** How far a run is. Counts start anew with every phase. */
export interface ModelProgress {
  readonly phase: "gradients" | "blocks" | "files";
  /** "block 3 of 30: model.layers.2.mlp.down_proj.weight". */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted; absent: bytes. */
  readonly unit?: "samples" | "layers";
}

/**
 * Quantizes a language model block by block, with methods of both kinds. Finished blocks are kept in `OUTPUT.partial`, from
 * which `resume` goes on; the output appears at its path when it is complete.
 * @throws what `prepareModelQuantization` throws, `quantize/…`, `calibration/…`, `pipeline/…`
 */
export async function quantizeModel(
  source: ModelSource,
  backend: KernelBackend,
  options: QuantizeModelOptions,
): Promise<QuantizationReport> {
  const started = performance.now();
  const { output, resume = false, force = false } = options;
  await checkOutputPaths({ output, resume, force });
  const prepared = await prepareModelQuantization(source, options);
  try {
    refuseNothingToDo(prepared.plan);
    const staged = await openStagedOutput(prepared, {
      input: source.name,
      output,
      plan: options.plan,
      circumstances: await circumstances(source, prepared, options, backend),
      resume,
      force,
    });
    const earlier = new Set(staged.completed.keys());
    try {
      await makeStages(source, backend, options, prepared, staged);
      const finished = new Map<string, FinishedTensor>();
      for (const { tensor } of prepared.plan.tensors) finished.set(tensor.name, { seconds: 0, resumed: false });
      for (const [stage, entry] of staged.completed) {
        for (const { tensor, ...figures } of recordsOf(entry)) {
          const resumed = earlier.has(stage);
          finished.set(tensor, { ...figures, resumed, ...(resumed && { seconds: 0 }) });
        }
      }
      const plan = await staged.finish({ ...joining(options), origin: outputOrigin(prepared, options) });
      const seconds = (performance.now() - started) / 1000;
      const { threads, name, isa } = backend;
      return makeReport(plan, finished, { output, seconds, threads, backend: `${name} ${isa}` });
    } catch (error) {
      if (isResumable(error) || isDamage(error)) await staged.close();
      else await staged.discard();
      throw error;
    }
  } finally {
    await prepared.file?.close();
    await prepared.checkpoint.close();
  }
}

/** What an earlier run left is damaged: it is not ours to remove the rest of it. */
function isDamage(error: unknown): boolean {
  return isLowbitError(error) && error.code === "pipeline/resume-damaged";
}

function joining({ signal, onProgress }: QuantizeModelOptions) {
  return {
    ...(signal !== undefined && { signal }),
    onProgress: (done: number, total: number) =>
      onProgress?.({ phase: "files", label: "writing the files", done, total }),
  };
}

async function makeStages(
  source: ModelSource,
  backend: KernelBackend,
  options: QuantizeModelOptions,
  prepared: PreparedModel,
  staged: StagedOutput,
): Promise<void> {
  const { layerTransforms, signal, onProgress } = options;
  const { blocks, others } = prepared.choices;
  const doneBlocks = blocks.findIndex(({ index }) => !staged.completed.has(blockStage(index)));
  const gradients = await savedGradients(source, backend, options, prepared, staged);
  try {
    if (doneBlocks >= 0 && blocks.some(({ choices }) => choices.size > 0)) {
      await quantizeBlocks(
        source,
        backend,
        blocks,
        {
          statistics: blockStatistics(source, options, prepared, gradients),
          doneBlocks,
          ...(layerTransforms !== undefined && { layerTransforms }),
          loadDone: (original) => loadStagedBlock(original, staged, source),
          ...(signal !== undefined && { signal }),
          onProgress: ({ block, blockCount, step, done, total }) =>
            onProgress?.({
              phase: "blocks",
              label: `block ${block + 1} of ${blockCount}: ${step}`,
              done,
              total,
              unit: "layers",
            }),
        },
        async ({ index, layers, seconds }) => {
          const { choices } = blocks[index]!;
          const planned = layers.map(({ layer }) => choices.get(layer.name)!.planned);
          await staged.stage(
            blockStage(index),
            layers.map(({ layer }, i) => stagedWeight(planned[i]!, layer)),
            seconds,
            layers.map(({ figures }, i) => recordedWeight(planned[i]!.tensor.name, figures)),
          );
        },
      );
    }
  } finally {
    await gradients?.close();
  }
  if (others.length > 0 && !staged.completed.has(OTHERS_STAGE)) await stageOthers(backend, prepared, staged);
}

/** Gradients come of the whole model as it is, and before the walk: they are kept beside the stages. */
async function savedGradients(
  source: ModelSource,
  backend: KernelBackend,
  { statistics, maxMemory, temporaryDirectory, signal, onProgress }: QuantizeModelOptions,
  { needs }: PreparedModel,
  staged: StagedOutput,
): Promise<StatisticsFile | undefined> {
  const kinds = gradientKinds(needs);
  if (statistics.kind !== "calibration" || kinds.length === 0) return undefined;
  const path = join(staged.directory, "gradients.safetensors");
  if (!existsSync(path)) {
    await calibrateModel(source, backend, statistics.set, {
      kinds,
      output: path,
      lowbitVersion: lowbitVersion(),
      ...(maxMemory !== undefined && { maxMemory }),
      ...(temporaryDirectory !== undefined && { temporaryDirectory }),
      ...(signal !== undefined && { signal }),
      onProgress: ({ done, total, label }) => onProgress?.({ phase: "gradients", done, total, label, unit: "samples" }),
    });
  }
  return openStatistics(path, await source.fingerprint());
}

function blockStatistics(
  source: ModelSource,
  { statistics, temporaryDirectory = tmpdir(), maxMemory }: QuantizeModelOptions,
  { plan, kinds, file }: PreparedModel,
  gradients: StatisticsFile | undefined,
): BlockStatistics {
  if (statistics.kind !== "calibration") return { kind: "saved", kinds, ...(file !== undefined && { file }) };
  const { set, protocol = "quantized" } = statistics;
  const memory = planMemory(source, plan, { kinds, set, ...(maxMemory !== undefined && { maxMemory }) });
  return {
    kind: "walk",
    set,
    protocol,
    kinds,
    ...(gradients !== undefined && { gradients }),
    createStore: memory.activationsOnDisk ? (shape) => createDiskStore(shape, temporaryDirectory) : createMemoryStore,
  };
}

/** Embeddings and heads that a rule names, whole and without statistics. */
async function stageOthers(
  backend: KernelBackend,
  { choices, checkpoint }: PreparedModel,
  staged: StagedOutput,
): Promise<void> {
  const weights = new Map(recogniseWeights(checkpoint).map((weight) => [weight.name, weight]));
  const started = performance.now();
  const [made, records] = [[] as ReturnType<typeof stagedWeight>[], [] as ReturnType<typeof recordedWeight>[]];
  for (const choice of choices.others) {
    const { name } = choice.planned.tensor;
    const { rows, columns, read } = await openWeight(checkpoint, weights.get(name)!, backend);
    const values = new Float32Array(rows * columns);
    await read(0, rows, values);
    const quantized = quantizeWeight({ name, weights: { values, rows, columns } }, choice, backend);
    made.push(stagedWeight(choice.planned, quantized));
    records.push(recordedWeight(name, quantized.figures));
  }
  await staged.stage(OTHERS_STAGE, made, (performance.now() - started) / 1000, records);
}

import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { QuantizerTable } from "../pipeline/chunk-environment.js";
import { threadsWithinMemory } from "../pipeline/memory-limit.js";
import type { OutputSplit } from "../pipeline/output-files.js";
import { type PlanSettings, planQuantization, type QuantizationPlan } from "../pipeline/plan.js";
import { layOutQuantization, type QuantizationOutput } from "../pipeline/quantization-output.js";
import type { WorkspaceSizes } from "../pipeline/workspace.js";
import { workspaceSizes } from "../pipeline/workspace-sizes.js";
import type { MethodTable } from "../quantizers/method.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { lowbitVersion } from "./lowbit-version.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { checkOutputApart, modelDirectory } from "./output-paths.js";
import { isSingleFile, singleFileName } from "./partial-output.js";
import { refuseGguf } from "./refuse-gguf.js";
import { findSideFiles, type SideFiles } from "./side-files.js";

/** As the Python packages split by default. */
export const DEFAULT_SHARD_BYTES = 5e9;

export interface QuantizationSettings {
  /** A .safetensors file, a shard index, or a model directory. */
  readonly input: string;
  /** A new directory, or a file when the path ends in ".safetensors". */
  readonly output: string;
  readonly plan: PlanSettings;
  readonly quantizers: QuantizerTable;
  readonly threads: number;
  /** Fewer threads are used when their buffers would not fit. */
  readonly maxMemoryBytes?: number;
  /** Tensor bytes of an output file at most; DEFAULT_SHARD_BYTES. */
  readonly maxShardBytes?: number;
  /** Split the output into the same files as the input. */
  readonly keepSplit?: boolean;
}

/** A checkpoint with what is to happen to its tensors. The holder closes `checkpoint`. */
export interface PlannedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly plan: QuantizationPlan;
  /** Quantized weights that the input holds already. */
  readonly stored: readonly StoredQuantizedWeight[];
  readonly split: OutputSplit;
  /** Absent where the input is a bare file or the output is one. */
  readonly sideFiles?: SideFiles;
}

/** Everything that is known before a weight is read. */
export interface PreparedQuantization extends PlannedCheckpoint {
  readonly output: QuantizationOutput;
  readonly sizes: WorkspaceSizes;
  readonly threads: number;
}

/** Opens the input, plans and lays out. Writes nothing. The caller closes `checkpoint`. */
export async function prepareQuantization(settings: QuantizationSettings): Promise<PreparedQuantization> {
  const planned = await planCheckpoint(settings, settings.quantizers);
  const { checkpoint, plan, stored, split } = planned;
  try {
    const output = layOutQuantization(plan, checkpoint, stored, split, lowbitVersion());
    const sizes = workspaceSizes(output.tasks);
    const threads = threadsWithinMemory(sizes, settings.threads, settings.maxMemoryBytes);
    return { ...planned, output, sizes, threads };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/**
 * Opens the input and decides what happens to its tensors. Writes nothing. The caller closes `checkpoint`.
 * @throws what `openCheckpoint`, `checkOutputApart`, `planQuantization` and `findSideFiles` throw
 */
export async function planCheckpoint(
  settings: Pick<QuantizationSettings, "input" | "output" | "plan" | "maxShardBytes" | "keepSplit">,
  methods: MethodTable,
): Promise<PlannedCheckpoint> {
  const { input, output } = settings;
  const checkpoint = await openCheckpoint(input);
  try {
    refuseGguf(checkpoint);
    await checkOutputApart(input, output);
    const stored = recogniseWeights(checkpoint).filter(
      (weight): weight is StoredQuantizedWeight => weight.kind === "quantized",
    );
    const quantizedParts = new Set(stored.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
    const plan = planQuantization(checkpoint.tensors, { ...settings.plan, quantizedParts }, methods);
    const single = isSingleFile(output);
    const split = {
      maxShardBytes: settings.maxShardBytes ?? DEFAULT_SHARD_BYTES,
      keepSplit: settings.keepSplit ?? false,
      ...(single && { singleFile: singleFileName(output) }),
    };
    const directory = single ? undefined : await modelDirectory(input);
    const sideFiles = directory === undefined ? undefined : await findSideFiles(directory);
    return { checkpoint, plan, stored, split, ...(sideFiles && { sideFiles }) };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

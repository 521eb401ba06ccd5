import { LowbitError } from "../errors/index.js";
import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import type { LowbitWeight } from "../layouts/lowbit/lowbit-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { throwIfAborted } from "../pipeline/abort.js";
import { type PlannedTensor, planTotals, type QuantizationPlan } from "../pipeline/plan.js";
import { layOutWeights } from "../pipeline/quantization-output.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { storedByteLength } from "../terms/bits-per-weight.js";
import { createFileWriter } from "./file-writer.js";
import type { PartialOutput } from "./partial-output.js";
import type { PlannedCheckpoint } from "./prepare-quantization.js";
import { type OutputOrigin, quantizationConfig } from "./quantization-config.js";
import { writeSideFiles } from "./side-files.js";

/** Bytes of one read and write. */
const COPY_BYTES = 2 ** 20;

export interface JoinOptions {
  /** For config.json. */
  readonly origin?: OutputOrigin;
  readonly signal?: AbortSignal;
  /** Bytes of the output's tensors. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes all files of an output from its stages and from what is kept of the input.
 * @returns the plan with the sizes that came out
 * @throws `pipeline/aborted`, `pipeline/write-failed`, `pipeline/resume-damaged` for a weight that no stage has
 */
export async function joinStages(
  planned: PlannedCheckpoint,
  partial: PartialOutput,
  stages: readonly Checkpoint[],
  { origin, signal, onProgress }: JoinOptions,
): Promise<QuantizationPlan> {
  const { checkpoint, stored, split, sideFiles } = planned;
  const made = new Map(stages.flatMap((stage) => stagedWeights(stage)).map((weight) => [weight.name, weight]));
  const tensors = planned.plan.tensors.map((tensor) => (tensor.quantization ? measured(tensor, made) : tensor));
  const plan = { tensors, totals: planTotals(tensors) };
  const output = layOutWeights(plan, checkpoint, stored, split, ({ tensor }) => schemaEntry(made.get(tensor.name)!));
  await partial.layOut(output.files);
  const writer = createFileWriter(partial.directory);
  let done = 0;
  try {
    const copy = async (from: Checkpoint, tensor: CheckpointTensor): Promise<void> => {
      const { file, byteOffset } = output.places.get(tensor.name)!;
      const buffer = new Uint8Array(Math.min(COPY_BYTES, tensor.byteLength));
      for (let offset = 0; offset < tensor.byteLength; offset += COPY_BYTES) {
        throwIfAborted(signal);
        const piece = buffer.subarray(0, Math.min(COPY_BYTES, tensor.byteLength - offset));
        await from.read(tensor, offset, piece);
        await writer.write(file, byteOffset + offset, piece);
        done += piece.byteLength;
        onProgress?.(done, plan.totals.outputBytes);
      }
    };
    for (const { tensor, quantization } of tensors) if (!quantization) await copy(checkpoint, tensor);
    for (const stage of stages) for (const tensor of stage.tensors) await copy(stage, tensor);
  } finally {
    await writer.close();
  }
  if (sideFiles) await writeSideFiles(sideFiles, partial.directory, quantizationConfig(plan, sideFiles.config, origin));
  return plan;
}

function stagedWeights(stage: Checkpoint): StoredQuantizedWeight[] {
  return recogniseWeights(stage).filter((weight): weight is StoredQuantizedWeight => weight.kind === "quantized");
}

/** A planned tensor with the terms that it was given; the plan knew expected sizes only. */
function measured(planned: PlannedTensor, made: ReadonlyMap<string, StoredQuantizedWeight>): PlannedTensor {
  const weight = made.get(planned.tensor.name);
  if (weight === undefined) {
    throw new LowbitError("pipeline/resume-damaged", `The unfinished output lacks ${planned.tensor.name}.`, {
      tensor: planned.tensor.name,
    });
  }
  const { terms, transforms } = weight;
  const outputBytes = storedByteLength(terms, transforms);
  const storedBitsPerWeight = (outputBytes * 8) / planned.weights;
  return {
    ...planned,
    outputBytes,
    quantization: { ...planned.quantization!, terms, transforms, storedBitsPerWeight },
  };
}

function schemaEntry({ name, shape, dtype, terms, transforms, provenance }: StoredQuantizedWeight): LowbitWeight {
  return { name, shape, dtype, terms, transforms, provenance: provenance! };
}

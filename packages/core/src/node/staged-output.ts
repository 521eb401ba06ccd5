import { existsSync } from "node:fs";
import { join } from "node:path";
import { LowbitError } from "../errors/index.js";
import type { LowbitWeight } from "../layouts/lowbit/lowbit-weight.js";
import { writeLowbitSchema } from "../layouts/lowbit/write-lowbit-schema.js";
import type { Fingerprint, JournalEntry } from "../pipeline/journal.js";
import type { QuantizationPlan } from "../pipeline/plan.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { openFile } from "../safetensors/open-file.js";
import { writeSafetensors } from "../safetensors/write-safetensors.js";
import type { InputTransform } from "../terms/input-transform.js";
import type { Term } from "../terms/term.js";
import { termArray } from "../terms/term-arrays.js";
import { writeFileAtomic } from "./atomic-write.js";
import { openFileSource } from "./file-source.js";
import { makeFingerprint, settingsText } from "./fingerprint.js";
import { type JoinOptions, joinStages } from "./join-stages.js";
import { lowbitVersion } from "./lowbit-version.js";
import { openPartialOutput } from "./partial-output.js";
import type { PlannedCheckpoint, QuantizationSettings } from "./prepare-quantization.js";

export interface StagedOutputOptions extends Pick<QuantizationSettings, "input" | "output" | "plan"> {
  /** What else the bytes depend on, by names for people. */
  readonly circumstances: Fingerprint;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** A quantized weight with its bytes. */
export interface StagedWeight {
  readonly weight: LowbitWeight;
  readonly terms: readonly Term[];
  readonly transforms: readonly InputTransform[];
}

/**
 * A quantized checkpoint whose weights are made a stage (a block of the model) at a time, by somebody who knows the sizes
 * only then. Every stage is kept as a file of its own in `OUTPUT.partial/`; the files of the output are laid out at the
 * end, from all stages and from what is kept of the input.
 */
export interface StagedOutput {
  /** Directory of the stages; for what else the work wants to keep until it is over. */
  readonly directory: string;
  /** Stages that an earlier run has completed, with their records. */
  readonly completed: ReadonlyMap<string, JournalEntry>;
  /** Keeps a stage: its weights, and a record for reports as JSON. */
  stage(name: string, weights: readonly StagedWeight[], seconds: number, record: unknown): Promise<void>;
  /** A stage that is kept, as a checkpoint to read. @throws `pipeline/resume-damaged` */
  open(name: string): Promise<Checkpoint>;
  /**
   * Joins everything into the output, which then appears at its path.
   * @returns the plan with the sizes that came out
   */
  finish(options?: JoinOptions): Promise<QuantizationPlan>;
  /** Ends without finishing; the partial output stays for --resume. */
  close(): Promise<void>;
  /** Ends and removes everything that was written. */
  discard(): Promise<void>;
}

/**
 * Begins an output, or goes on with one.
 * @throws `pipeline/resume-mismatch`, `pipeline/resume-damaged`, `pipeline/write-failed`, and what `checkOutputPaths` throws
 */
export async function openStagedOutput(
  planned: PlannedCheckpoint,
  options: StagedOutputOptions,
): Promise<StagedOutput> {
  const { input, output, resume = false, force = false } = options;
  const { checkpoint, plan } = planned;
  const made = await makeFingerprint({
    lowbitVersion: lowbitVersion(),
    input,
    checkpoint,
    settings: settingsText(options.plan),
    decisions: plan.tensors.map(({ tensor, quantization }) => [
      tensor.name,
      quantization?.method,
      quantization?.options,
    ]),
    files: [],
  });
  const fingerprint = { ...made, ...options.circumstances };
  const partial = await openPartialOutput({ output, files: [], fingerprint, resume, force });
  const completed = new Map(partial.completed);
  const pathOf = (name: string): string => join(partial.stagedDirectory, `${name}.safetensors`);
  const open = async (name: string): Promise<Checkpoint> => {
    try {
      return await openFile(await openFileSource(pathOf(name)));
    } catch (cause) {
      throw damaged(pathOf(name), cause);
    }
  };
  return {
    directory: partial.stagedDirectory,
    completed,
    async stage(name, weights, seconds, record) {
      await writeFileAtomic(pathOf(name), stagedFile(weights));
      const entry = { tensor: name, seconds, record };
      await partial.append(entry);
      completed.set(name, entry);
    },
    async open(name) {
      if (!existsSync(pathOf(name))) throw damaged(pathOf(name));
      return open(name);
    },
    async finish(joining = {}) {
      const stages: Checkpoint[] = [];
      try {
        for (const name of completed.keys()) stages.push(await open(name));
        const joined = await joinStages(planned, partial, stages, joining);
        await partial.finish();
        return joined;
      } finally {
        for (const stage of stages) await stage.close();
      }
    },
    close: () => partial.close(),
    discard: () => partial.discard(),
  };
}

function stagedFile(weights: readonly StagedWeight[]): Uint8Array {
  const byName = new Map(weights.map((staged) => [staged.weight.name, staged]));
  const { tensors, metadata } = writeLowbitSchema(weights.map(({ weight }) => weight));
  const data = tensors.map(({ name, dtype, shape, weight, part, index, array }) => {
    const { terms, transforms } = byName.get(weight)!;
    const bytes = part === "terms" ? termArray(terms[index]!, array) : transforms[index]!.arrays[array]!;
    return { name, dtype, shape, data: bytes };
  });
  return writeSafetensors(data, metadata);
}

function damaged(path: string, cause?: unknown): LowbitError {
  return new LowbitError(
    "pipeline/resume-damaged",
    `${path} of the unfinished output ${cause === undefined ? "is missing" : "cannot be read"}.`,
    { path },
    { cause },
  );
}

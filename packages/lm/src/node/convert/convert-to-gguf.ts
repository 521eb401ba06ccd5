import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type GgufMetadata, type GgufValue, ggufTensorBytes, isGgufCheckpoint } from "@lowbit/core/gguf";
import { doesNotFit, recogniseWeights, refuseUnreadMethod } from "@lowbit/core/layouts";
import {
  type ConversionForecast,
  type ConversionReport,
  type ConvertedWeight,
  findSideFiles,
  type GgufConversion,
  layOutGgufOutput,
  openCheckpoint,
  totalError,
  writeGgufConversion,
} from "@lowbit/core/node";
import { type ErrorSums, errorFigures } from "@lowbit/core/pipeline";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { isBlockType } from "../../gguf/choose-types.js";
import { exportMetadata } from "../../gguf/export-metadata.js";
import { exportModel } from "../../gguf/export-model.js";
import type { GgufExport, GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import { fileTypeOf } from "../../gguf/gguf-recipes.js";
import { type GgufTokenizerOptions, ggufTokenizerMetadata } from "../../gguf/tokenizer/index.js";
import { modelDirectory } from "../open-model.js";
import { ggufFileModel } from "./gguf-file-model.js";
import { type GgufPlan, planGguf } from "./gguf-plan.js";
import type { GgufTypeChoice, TypedModel } from "./gguf-type-choice.js";
import type { PlannedGgufTensor } from "./planned-tensor.js";

export interface GgufConvertOptions extends Omit<GgufConversion, "metadata" | "tensors" | "settings"> {
  /** A model directory, a safetensors file beside a config.json, or a GGUF file. */
  readonly input: string;
  /** As `--to` names it. */
  readonly targetName: string;
  readonly choice: GgufTypeChoice;
  /** Weights that do not fit, and plain ones, are encoded. */
  readonly allowRequantize: boolean;
  /** Second moments of input features, by tensor. */
  readonly importance?: (tensor: GgufExportTensor) => Float32Array | undefined;
  /** Keys that say where they come from. */
  readonly importanceMetadata?: GgufMetadata;
  /** `tokenizer.ggml.pre` of a byte-level tokenizer; absent: found from its patterns. */
  readonly pre?: string;
}

/** A model that is to become a GGUF file. */
interface OpenedModel {
  readonly checkpoint: Checkpoint;
  readonly model: TypedModel;
  readonly notes: readonly string[];
  /** Plain tensors that are no matrices stay as they are. */
  readonly isGguf: boolean;
  metadata(tensors: readonly PlannedGgufTensor[]): Promise<GgufMetadata>;
}

/**
 * Writes a model as GGUF. Float weights are encoded through the chunk pipeline; quantized ones are packed as they are where
 * the type holds them.
 * @throws `convert/does-not-fit`, `convert/unmatched-rule`, and what reading and writing throw
 */
export async function convertToGguf(options: GgufConvertOptions, backend: KernelBackend): Promise<ConversionReport> {
  const started = performance.now();
  const opened = await openForGguf(options, backend);
  try {
    const plan = await planOpened(opened, options, backend);
    if (plan.refused.length > 0) throw doesNotFit(options.targetName, plan.refused, plan.weights);
    const { choice: _, importance: __, ...rest } = options;
    const result = await writeGgufConversion(
      {
        ...rest,
        metadata: await opened.metadata(plan.tensors),
        tensors: plan.tensors,
        settings: `convert to ${options.targetName}`,
      },
      opened.checkpoint,
    );
    const errors = new Map([...result.errors, ...plan.wholeErrors]);
    const error = totalError(errors.values());
    return {
      output: options.output,
      target: options.targetName,
      weights: plan.tensors.map((tensor) => converted(tensor, errors.get(tensor.name))),
      ...(error !== undefined && { error }),
      inputBytes: plan.tensors.reduce((sum, { inputBytes }) => sum + inputBytes, 0),
      outputBytes: result.outputBytes,
      seconds: (performance.now() - started) / 1000,
      threads: result.threads,
      backend: result.backend,
      notes: [...opened.notes, ...insteadNotes(plan.tensors)],
    };
  } finally {
    await opened.checkpoint.close();
  }
}

/** The same without writing anything. */
export async function forecastToGguf(options: GgufConvertOptions, backend: KernelBackend): Promise<ConversionForecast> {
  const opened = await openForGguf(options, backend);
  try {
    const plan = await planOpened(opened, options, backend);
    const { files } = layOutGgufOutput(
      options.output,
      await opened.metadata(plan.tensors),
      plan.tensors,
      options.maxFileBytes,
    );
    const reasons = new Map(plan.refused.map(({ name, reason }) => [name, reason]));
    return {
      output: options.output,
      target: options.targetName,
      weights: plan.tensors.map((tensor) => {
        const row = converted(tensor, undefined);
        const reason = reasons.get(tensor.name);
        return reason === undefined ? row : { ...row, outcome: "refused", reason };
      }),
      inputBytes: plan.tensors.reduce((sum, { inputBytes }) => sum + inputBytes, 0),
      outputBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
      files: files.map(({ name, byteLength }) => ({ name, byteLength })),
      notes: [...opened.notes, ...insteadNotes(plan.tensors)],
    };
  } finally {
    await opened.checkpoint.close();
  }
}

function planOpened(opened: OpenedModel, options: GgufConvertOptions, backend: KernelBackend): Promise<GgufPlan> {
  const { choice, allowRequantize, encoder, measuresErrors, importance, signal } = options;
  return planGguf(opened.model, {
    choice,
    allowRequantize,
    encoder,
    measuresErrors,
    keepsPlain: opened.isGguf,
    backend,
    checkpoint: opened.checkpoint,
    ...(importance !== undefined && { importance }),
    ...(signal !== undefined && { signal }),
  });
}

async function openForGguf(options: GgufConvertOptions, backend: KernelBackend): Promise<OpenedModel> {
  const checkpoint = await openCheckpoint(options.input);
  try {
    if (isGgufCheckpoint(checkpoint)) {
      const { gguf } = checkpoint;
      if (options.pre !== undefined) throw uselessPre(options.input, "is a GGUF file, whose tokenizer stays as it is");
      return {
        checkpoint,
        model: ggufFileModel(checkpoint),
        notes: [],
        isGguf: true,
        metadata: async (tensors) => withTypes(gguf, tensors, options),
      };
    }
    const { input } = options;
    const directory = modelDirectory(input);
    if (checkpoint.config === undefined) {
      throw new LowbitError("model/no-config", `${input}: there is no config.json in ${directory}.`, {
        path: input,
        directory,
      });
    }
    refuseUnreadMethod(input, checkpoint, recogniseWeights(checkpoint));
    const model = await exportModel({ name: input, checkpoint, config: checkpoint.config }, backend);
    return {
      checkpoint,
      model,
      notes: model.notes,
      isGguf: false,
      metadata: (tensors) => modelMetadata(model, directory, tensors, options),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

async function modelMetadata(
  model: GgufExport,
  directory: string,
  tensors: readonly PlannedGgufTensor[],
  options: GgufConvertOptions,
): Promise<GgufMetadata> {
  const files = await textFiles(directory);
  const tokenizer = files.has("tokenizer.json")
    ? { tokenizer: ggufTokenizerMetadata(files, model.config.vocabularySize, tokenizerOptions(directory, options)) }
    : {};
  const kind = tokenizer.tokenizer?.get("tokenizer.ggml.model");
  if (options.pre !== undefined && (kind?.type !== "string" || kind.value !== "gpt2")) {
    throw uselessPre(directory, kind === undefined ? "has no tokenizer.json" : "has one of another kind");
  }
  return exportMetadata(model, {
    name: basename(directory),
    fileType: fileType(tensors, options),
    isQuantized: tensors.some(({ type }) => isBlockType(type as GgufExportType)),
    ...tokenizer,
    ...(options.importanceMetadata !== undefined && { further: options.importanceMetadata }),
  });
}

/** `pre` where nothing would come of it. */
function uselessPre(name: string, why: string): LowbitError {
  return new LowbitError(
    "options/command-line",
    `--pre says how a byte-level tokenizer.json cuts text, but ${name} ${why}.`,
    { option: "--pre", input: name },
  );
}

function tokenizerOptions(name: string, { pre }: GgufConvertOptions): GgufTokenizerOptions {
  return { name, ...(pre !== undefined && { pre }) };
}

const TOKENIZER_FILE =
  /^(tokenizer\.json|(tokenizer_|generation_)?config\.json|special_tokens_map\.json|chat_template\.jinja)$/;

async function textFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const { names, config } = await findSideFiles(directory);
  const files = new Map<string, string>();
  if (config !== undefined) files.set("config.json", config);
  for (const name of names) {
    if (TOKENIZER_FILE.test(name)) files.set(name, await readFile(join(directory, name), "utf8"));
  }
  return files;
}

/** Metadata of a GGUF file with the types of another one. */
function withTypes(
  metadata: GgufMetadata,
  tensors: readonly PlannedGgufTensor[],
  options: GgufConvertOptions,
): GgufMetadata {
  const keys = new Map<string, GgufValue>(metadata);
  keys.set("general.file_type", { type: "uint32", value: fileType(tensors, options) });
  if (tensors.some(({ type }) => isBlockType(type as GgufExportType))) {
    keys.set("general.quantization_version", { type: "uint32", value: 2 });
  } else keys.delete("general.quantization_version");
  for (const [key, value] of options.importanceMetadata ?? []) keys.set(key, value);
  return keys;
}

function fileType(tensors: readonly PlannedGgufTensor[], { choice }: GgufConvertOptions): number {
  const matrices = tensors.filter(({ shape }) => shape.length > 1);
  return choice.recipe?.fileType ?? fileTypeOf(matrices.map(({ type }) => type as GgufExportType));
}

function converted(tensor: PlannedGgufTensor, sums: ErrorSums | undefined): ConvertedWeight {
  const { name, shape, type, from, outcome, rounded, inputBytes, instead } = tensor;
  const isExact = outcome === "rounded" && sums !== undefined && sums.noise === 0;
  return {
    name,
    shape,
    from,
    to: instead === undefined ? type : `${type} (for ${instead})`,
    outcome: isExact ? "exact" : outcome,
    ...(rounded !== undefined && !isExact && { rounded }),
    inputBytes,
    outputBytes: ggufTensorBytes(tensor),
    ...(sums !== undefined && { error: errorFigures(sums) }),
  };
}

function insteadNotes(tensors: readonly PlannedGgufTensor[]): string[] {
  const replaced = tensors.filter(({ instead }) => instead !== undefined);
  if (replaced.length === 0) return [];
  const [first] = replaced;
  return [
    `${replaced.length} tensors have rows that are no whole blocks of the type that was asked for; they have another one (${first!.name}: ${first!.type} for ${first!.instead}).`,
  ];
}

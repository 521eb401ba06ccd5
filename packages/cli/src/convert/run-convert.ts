import type { BackendName, KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type GgufCheckpoint, isGgufCheckpoint } from "@lowbit/core/gguf";
import {
  type CheckpointConversion,
  type CheckpointTarget,
  type ConversionForecast,
  type ConversionReport,
  convertCheckpoint,
  findSideFiles,
  forecastConversion,
  openCheckpoint,
} from "@lowbit/core/node";
import type { BlockEncoder } from "@lowbit/core/pipeline";
import { type GgufExportType, ggufRecipe, isBlockType } from "@lowbit/lm";
import {
  convertToGguf,
  directoryOfGguf,
  forecastToGguf,
  type GgufConvertOptions,
  modelDirectory,
  openImportance,
  type TensorTypeRule,
} from "@lowbit/lm/node";
import { backendModule } from "../backend-choice.js";
import { openBackend } from "../create-backend.js";
import type { ProgressState } from "../output/progress.js";
import { tensorMatcher } from "../tensor-glob.js";
import { parseTarget, type Target } from "./parse-target.js";

/** `lowbit convert` without its command line. */
export interface ConvertRequest {
  readonly input: string;
  readonly output: string;
  /** LAYOUT[:TYPE] */
  readonly to: string;
  readonly allowRequantize: boolean;
  /** Absent: lowbit's search. */
  readonly encoder?: BlockEncoder;
  readonly measuresErrors: boolean;
  /** GLOB=TYPE */
  readonly tensorTypes: readonly string[];
  readonly isPure: boolean;
  readonly embeddingType?: string;
  readonly outputType?: string;
  /** How llama.cpp is to cut text, by its name. */
  readonly pre?: string;
  readonly importance?: string;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly maxShardBytes?: number;
  readonly maxMemoryBytes?: number;
  readonly resume: boolean;
  readonly force: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (state: ProgressState) => void;
}

export function runConvert(request: ConvertRequest): Promise<ConversionReport> {
  return converting(request, {
    gguf: convertToGguf,
    checkpoint: (conversion) => convertCheckpoint(conversion),
  });
}

/** What `--dry-run` prints. */
export function forecastConvert(request: ConvertRequest): Promise<ConversionForecast> {
  return converting(request, {
    gguf: forecastToGguf,
    checkpoint: (conversion) => forecastConversion(conversion),
  });
}

type GgufTarget = Extract<Target, { kind: "gguf" }>;
type CheckpointLayoutTarget = Exclude<Target, { kind: "gguf" | "imatrix" }>;
/** What weights can be written as. */
export type WeightTarget = GgufTarget | CheckpointLayoutTarget;

interface Ways<T> {
  gguf(options: GgufConvertOptions, backend: KernelBackend): Promise<T>;
  checkpoint(conversion: CheckpointConversion): Promise<T>;
}

async function converting<T>(request: ConvertRequest, ways: Ways<T>): Promise<T> {
  const target = checkedTarget(request);
  const { backend } = await openBackend(request.backend, request.threads);
  try {
    if (target.kind === "gguf") return await ways.gguf(await ggufOptions(request, target), backend);
    const { conversion, close } = await checkpointConversion(request, target, backend);
    try {
      return await ways.checkpoint(conversion);
    } finally {
      await close();
    }
  } finally {
    backend.close();
  }
}

/**
 * What a request is for, with what its options alone tell.
 * @throws `convert/unknown-layout`, `model/gguf-recipe`, `options/invalid-override`, and `options/command-line` for options
 * without effect
 */
export function checkedTarget(request: ConvertRequest): WeightTarget {
  const target = parseTarget(request.to);
  if (target.kind === "imatrix") {
    throw new LowbitError(
      "options/command-line",
      "imatrix holds statistics, not weights; only lowbit convert STATISTICS OUT --to imatrix writes it.",
      { target: target.name },
    );
  }
  if (target.kind === "gguf") refuseEncoderOptions(request, target);
  else refuseGgufOptions(request, target.name);
  if (target.kind === "lowbit" && !request.measuresErrors) {
    throw new LowbitError("options/command-line", "--no-errors: lowbit's own layout rounds nothing that is measured.", {
      options: ["--no-errors"],
      target: target.name,
    });
  }
  return target;
}

/** The search needs a block type that something may be encoded in. */
function refuseEncoderOptions(request: ConvertRequest, { name, recipe }: GgufTarget): void {
  const { encoder, importance, tensorTypes, embeddingType, outputType } = request;
  if (importance !== undefined && encoder === "ggml") {
    throw new LowbitError("options/command-line", "--importance weighs lowbit's search; --encoder ggml has none.", {
      option: "--importance",
    });
  }
  const roles = [embeddingType, outputType].filter((type) => type !== undefined).map(tensorType);
  const rules = tensorTypes.map((text) => tensorTypeRule(text).type);
  if ([...roles, ...rules, ...(recipe === undefined ? [] : [recipe.type])].some(isBlockType)) return;
  const given = [encoder !== undefined && "--encoder", importance !== undefined && "--importance"].filter(
    (option) => option !== false,
  );
  if (given.length === 0) return;
  throw new LowbitError(
    "options/command-line",
    `${given.join(", ")}: only for types of blocks; neither ${name} nor another option names one.`,
    { options: given, target: name },
  );
}

async function ggufOptions(request: ConvertRequest, { name, recipe }: GgufTarget): Promise<GgufConvertOptions> {
  const {
    input,
    output,
    allowRequantize,
    encoder = "lowbit",
    measuresErrors,
    threads,
    resume,
    force,
    isPure,
  } = request;
  const { embeddingType, outputType, maxShardBytes, maxMemoryBytes, signal, onProgress } = request;
  const importance = request.importance === undefined ? undefined : await openImportance(request.importance);
  return {
    input,
    output,
    targetName: name,
    allowRequantize,
    encoder,
    measuresErrors,
    threads,
    resume,
    force,
    choice: {
      isPure,
      hasImatrix: importance !== undefined,
      rules: request.tensorTypes.map(tensorTypeRule),
      ...(recipe !== undefined && { recipe }),
      ...(embeddingType !== undefined && { embeddingType: tensorType(embeddingType) }),
      ...(outputType !== undefined && { outputType: tensorType(outputType) }),
    },
    backend: backendModule(request.backend),
    ...(importance && { importance: importance.of, importanceMetadata: importance.metadata }),
    ...(maxShardBytes !== undefined && { maxFileBytes: maxShardBytes }),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    ...(request.pre !== undefined && { pre: request.pre }),
    ...(signal !== undefined && { signal }),
    onProgress: ({ tensor, doneBytes, totalBytes }) =>
      onProgress?.({ label: tensor, done: doneBytes, total: totalBytes }),
  };
}

/** @throws `options/invalid-override` */
function tensorTypeRule(text: string): TensorTypeRule {
  const equals = text.lastIndexOf("=");
  if (equals < 1 || equals === text.length - 1) {
    throw new LowbitError(
      "options/invalid-override",
      `--tensor-type "${text}": a pattern, an equals sign and a type are needed; the form is 'GLOB=TYPE'.`,
      { override: text },
    );
  }
  return {
    origin: `--tensor-type "${text}"`,
    matches: tensorMatcher(text.slice(0, equals)),
    type: tensorType(text.slice(equals + 1)),
  };
}

/** A type of one tensor: the main type of the recipe of that name. */
function tensorType(name: string): GgufExportType {
  return ggufRecipe(name).type;
}

function refuseGgufOptions(request: ConvertRequest, target: string): void {
  const { tensorTypes, isPure, embeddingType, outputType, pre, importance } = request;
  const given = [
    tensorTypes.length > 0 && "--tensor-type",
    isPure && "--pure",
    embeddingType !== undefined && "--embedding-type",
    outputType !== undefined && "--output-type",
    pre !== undefined && "--pre",
    importance !== undefined && "--importance",
    request.resume && "--resume",
    request.maxMemoryBytes !== undefined && "--max-memory",
    request.encoder !== undefined && "--encoder",
  ].filter((option) => option !== false);
  if (given.length === 0) return;
  throw new LowbitError("options/command-line", `${given.join(", ")}: only for the layout gguf, not for ${target}.`, {
    options: given,
    target,
  });
}

async function checkpointConversion(
  request: ConvertRequest,
  target: CheckpointLayoutTarget,
  backend: KernelBackend,
): Promise<{ readonly conversion: CheckpointConversion; close(): Promise<void> }> {
  const { input, output, allowRequantize, measuresErrors, force, maxShardBytes, signal, onProgress } = request;
  const checkpoint = await openCheckpoint(input);
  try {
    const model = isGgufCheckpoint(checkpoint)
      ? await ofGguf(checkpoint, target, input)
      : { checkpoint, sideFiles: await findSideFiles(modelDirectory(input)) };
    const conversion: CheckpointConversion = {
      ...model,
      input,
      output,
      target: checkpointTarget(target),
      targetName: target.name,
      allowRequantize,
      measuresErrors,
      force,
      backend,
      ...(maxShardBytes !== undefined && { maxShardBytes }),
      ...(signal !== undefined && { signal }),
      onProgress: ({ tensor, doneBytes, totalBytes }) =>
        onProgress?.({ label: tensor, done: doneBytes, total: totalBytes }),
    };
    return { conversion, close: () => checkpoint.close() };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** A GGUF model under Hugging Face's names, with the files of a model directory. */
async function ofGguf(
  checkpoint: GgufCheckpoint,
  target: CheckpointLayoutTarget,
  input: string,
): Promise<Pick<CheckpointConversion, "checkpoint" | "sideFiles" | "files" | "transposes">> {
  const dtype = target.kind === "plain" ? target.dtype : undefined;
  const directory = await directoryOfGguf(checkpoint, dtype, target.kind !== "plain");
  const files = new Map(directory.files);
  const config = files.get("config.json")!;
  files.delete("config.json");
  return {
    checkpoint: directory.checkpoint,
    sideFiles: { directory: modelDirectory(input), names: [], config },
    files,
    transposes: directory.transposes,
  };
}

function checkpointTarget(target: CheckpointLayoutTarget): CheckpointTarget {
  if (target.kind === "lowbit") return { kind: "lowbit" };
  if (target.kind === "plain") return { kind: "plain", ...(target.dtype !== undefined && { dtype: target.dtype }) };
  const { writer, type } = target;
  return { kind: "writer", writer, ...(type !== undefined && { type }) };
}

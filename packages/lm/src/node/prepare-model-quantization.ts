import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type OutputOrigin, type PlannedCheckpoint, planCheckpoint } from "@lowbit/core/node";
import type { PlanSettings } from "@lowbit/core/pipeline";
import { type MethodTable, STATISTIC_KINDS, type StatisticKind } from "@lowbit/core/quantizers";
import type { CalibrationSet } from "../calibration/calibration-set.js";
import type { StatisticsFile } from "../calibration/statistics-file.js";
import type { CalibrationProtocol } from "../calibration/walk-blocks.js";
import type { ModelSource } from "../model/language-model.js";
import { chooseLayers, type ModelChoices, neededStatistics } from "../quantize/choose-layers.js";
import { METHODS } from "../quantize/method-table.js";
import type { LayerTransforms } from "../transform/layer-transforms.js";
import { openStatistics } from "./open-statistics.js";

/** Where statistics of layers come from. */
export type StatisticsOrigin =
  | { readonly kind: "none" }
  /** Saved by `calibrateModel`. */
  | { readonly kind: "file"; readonly path: string }
  /** Collected while the blocks are quantized; the protocol says behind which blocks. Default: quantized. */
  | { readonly kind: "calibration"; readonly set: CalibrationSet; readonly protocol?: CalibrationProtocol };

export interface ModelQuantizationSettings {
  /** A new directory, or a file when the path ends in ".safetensors". */
  readonly output: string;
  readonly plan: PlanSettings;
  /** Default: METHODS. */
  readonly methods?: MethodTable;
  readonly statistics: StatisticsOrigin;
  /** Transforms of inputs that come before those of the methods. */
  readonly layerTransforms?: LayerTransforms;
  /** Tensor bytes of an output file at most; DEFAULT_SHARD_BYTES. */
  readonly maxShardBytes?: number;
  /** Split the output into the same files as the input. */
  readonly keepSplit?: boolean;
}

/** Everything that is known before a weight is read. The holder closes `checkpoint` and `file`. */
export interface PreparedModel extends PlannedCheckpoint {
  readonly choices: ModelChoices;
  /** Statistics that the methods read. */
  readonly needs: readonly StatisticKind[];
  /** Statistics that every layer gets: the needs, and a Hessian to measure errors of outputs with where there can be one. */
  readonly kinds: readonly StatisticKind[];
  /** Open, for statistics of a file. */
  readonly file?: StatisticsFile;
}

/**
 * Plans a model's quantization; writes nothing.
 * @throws `quantize/statistics-needed`, `quantize/statistics-unused`, `quantize/transposed-layer`, `quantize/outside-blocks`,
 * `quantize/statistic-transform`, `calibration/missing-statistic`, and what `planCheckpoint` and `openStatistics` throw
 */
export async function prepareModelQuantization(
  source: ModelSource,
  settings: ModelQuantizationSettings,
): Promise<PreparedModel> {
  const { methods = METHODS, statistics, layerTransforms } = settings;
  const planned = await planCheckpoint({ ...settings, input: source.name }, methods);
  let file: StatisticsFile | undefined;
  try {
    const choices = chooseLayers(source, planned.plan, methods, layerTransforms);
    const needs = neededStatistics(choices);
    if (statistics.kind === "file") file = await openStatistics(statistics.path, await source.fingerprint());
    if (statistics.kind === "none") refuseMissing(choices, needs);
    if (file !== undefined) checkKinds(file, needs);
    const kinds = STATISTIC_KINDS.filter(
      (kind) => needs.includes(kind) || (kind === "hessian" && canMeasure(statistics, file)),
    );
    return { ...planned, plan: choices.plan, choices, needs, kinds, ...(file !== undefined && { file }) };
  } catch (error) {
    await planned.checkpoint.close();
    await file?.close();
    throw error;
  }
}

/** What the bytes depend on besides checkpoint and plan; backends differ in the last bits of a Hessian. */
export async function circumstances(
  source: ModelSource,
  prepared: PreparedModel,
  settings: ModelQuantizationSettings,
  backend: KernelBackend,
): Promise<Readonly<Record<string, string>>> {
  return {
    model: (await source.fingerprint()).slice(0, 16),
    backend: `${backend.name} ${backend.isa}`,
    transforms: settings.layerTransforms?.description ?? "none",
    statistics: statisticsText(prepared, settings) ?? "none",
    "statistics file":
      prepared.file === undefined ? "none" : JSON.stringify({ ...prepared.file.schema, layers: undefined }),
  };
}

/** What was made with, for config.json: nothing of statistics that only measured. */
export function outputOrigin(prepared: PreparedModel, settings: ModelQuantizationSettings): OutputOrigin {
  const statistics = prepared.needs.length === 0 ? undefined : statisticsText(prepared, settings);
  return {
    ...(statistics !== undefined && { statistics }),
    ...(settings.layerTransforms !== undefined && { transforms: settings.layerTransforms.description }),
  };
}

function statisticsText({ file }: PreparedModel, { statistics }: ModelQuantizationSettings): string | undefined {
  const text = (protocol: CalibrationProtocol, origin: string, fingerprint: string) =>
    `${protocol}: ${origin}; ${fingerprint.slice(0, 16)}`;
  if (statistics.kind === "calibration") {
    return text(statistics.protocol ?? "quantized", statistics.set.origin, statistics.set.fingerprint);
  }
  const { schema } = file ?? {};
  return schema && text(schema.protocol, schema.calibration.origin, schema.calibration.fingerprint);
}

function canMeasure({ kind }: StatisticsOrigin, file: StatisticsFile | undefined): boolean {
  return kind === "calibration" || (file?.schema.kinds.includes("hessian") ?? false);
}

function refuseMissing({ blocks, layerTransforms }: ModelChoices, needs: readonly StatisticKind[]): void {
  if (needs.length === 0) return;
  const all = blocks.flatMap(({ choices }) => [...choices.values()]);
  const names = new Set(
    all.flatMap(({ method, options }) =>
      "quantizeLayer" in method && method.needs(options).length > 0 ? [method.name] : [],
    ),
  );
  const methods = [...names];
  const readers = (layerTransforms?.needs ?? []).length > 0 ? [...methods, layerTransforms!.description] : methods;
  throw new LowbitError(
    "quantize/statistics-needed",
    `Statistics are needed (${needs.join(", ")} for ${readers.join(", ")}): give a calibration text, or statistics collected before.`,
    { methods, needs },
  );
}

function checkKinds({ name, schema }: StatisticsFile, needs: readonly StatisticKind[]): void {
  const missing = needs.find((kind) => !schema.kinds.includes(kind));
  if (missing !== undefined) {
    throw new LowbitError(
      "calibration/missing-statistic",
      `${name} has no ${missing}; it has ${schema.kinds.join(", ")}, and the methods need ${needs.join(", ")}.`,
      { file: name, asked: missing, kinds: schema.kinds },
    );
  }
  if (needs.length > 0 || schema.kinds.includes("hessian")) return;
  throw new LowbitError(
    "quantize/statistics-unused",
    `${name} has ${schema.kinds.join(", ")}; no method of this run reads any of them.`,
    { file: name, kinds: schema.kinds },
  );
}

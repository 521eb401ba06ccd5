import { DTYPES } from "../../dtype/dtype-table.js";
import { LowbitError } from "../../errors/index.js";
import type { ClientConfig, PackedWeight } from "../../layouts/layout-writer.js";
import { LOWBIT_METADATA_KEY, type LowbitWeight } from "../../layouts/lowbit/lowbit-weight.js";
import { lowbitQuantizationConfig } from "../../layouts/lowbit/quantization-config.js";
import { writeLowbitSchema } from "../../layouts/lowbit/write-lowbit-schema.js";
import { doesNotFit } from "../../layouts/refused-weights.js";
import { storageName } from "../../layouts/storage-name.js";
import type { ErrorSums } from "../../pipeline/error-sums.js";
import { layOutOutput, type OutputFiles, type OutputUnit } from "../../pipeline/output-files.js";
import { createProgressMeter } from "../../pipeline/progress.js";
import { errorFigures } from "../../pipeline/report.js";
import { elementCount } from "../../tensor/matrix-shape.js";
import { createFileWriter } from "../file-writer.js";
import { lowbitVersion } from "../lowbit-version.js";
import { checkOutputApart } from "../output-paths.js";
import { checkOutputPaths, isSingleFile, openPartialOutput, singleFileName } from "../partial-output.js";
import { DEFAULT_SHARD_BYTES } from "../prepare-quantization.js";
import type { CheckpointConversion } from "./checkpoint-conversion.js";
import {
  type ConversionForecast,
  type ConversionOutcome,
  type ConversionReport,
  type ConvertedWeight,
  type ForecastWeight,
  totalError,
} from "./conversion-report.js";
import { writeConvertedSideFiles } from "./converted-side-files.js";
import { type PlannedConversion, planConversion } from "./plan-conversion.js";
import type { PlannedWeight } from "./planned-weight.js";
import { writeWeight } from "./write-weight.js";

/** What a conversion would write, and which weights need requantizing. Writes nothing. */
export async function forecastConversion(conversion: CheckpointConversion): Promise<ConversionForecast> {
  const { output, targetName, checkpoint } = conversion;
  const plan = await planConversion(conversion);
  const layout = layOut(plan, conversion);
  const reasons = new Map(plan.refused.map(({ name, reason }) => [name, reason]));
  const weights = plan.weights.map((planned): ForecastWeight => {
    const reason = reasons.get(planned.weight.name);
    const { outcome, ...row } = reportRow(planned, targetName, undefined);
    return reason === undefined ? { ...row, outcome } : { ...row, outcome: "refused", reason };
  });
  return {
    output,
    target: targetName,
    weights,
    inputBytes: checkpoint.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    outputBytes: layout.files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    files: layout.files.map(({ name, byteLength }) => ({ name, byteLength })),
    notes: [],
  };
}

/**
 * Writes a checkpoint in another layout, a weight at a time. The output appears at its path when it is complete; after an
 * error nothing of it is left.
 * @throws `convert/does-not-fit`, `pipeline/output-exists`, `pipeline/output-is-input`, `pipeline/partial-exists`,
 * `pipeline/not-replaceable`, `pipeline/write-failed`, and what reading the input throws
 */
export async function convertCheckpoint(conversion: CheckpointConversion): Promise<ConversionReport> {
  const started = performance.now();
  const { input, output, targetName, checkpoint, backend, force = false } = conversion;
  await checkOutputPaths({ output, resume: false, force });
  await checkOutputApart(input, output);
  const plan = await planConversion(conversion);
  if (plan.refused.length > 0) throw doesNotFit(targetName, plan.refused, matrices(plan));
  const layout = layOut(plan, conversion);
  const fingerprint = { "lowbit version": lowbitVersion() };
  const partial = await openPartialOutput({ output, files: layout.files, fingerprint, resume: false, force });
  const writer = createFileWriter(partial.directory);
  const inputBytes = checkpoint.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const meter = createProgressMeter("convert", inputBytes, 0, conversion.onProgress);
  const errors = new Map<string, ErrorSums>();
  try {
    for (const planned of plan.weights) {
      const sums = await writeWeight(planned, conversion, async (tensor, byteOffset, bytes) => {
        const { file, byteOffset: start } = layout.places.get(tensor)!;
        await writer.write(file, start + byteOffset, bytes);
      });
      if (sums !== undefined) errors.set(planned.weight.name, sums);
      meter.add(planned.weight.name, planned.weight.byteLength);
    }
    await writer.close();
    if (!isSingleFile(output)) {
      await writeConvertedSideFiles(partial.directory, conversion, clientConfig(plan, conversion, errors));
    }
    await partial.finish();
  } catch (error) {
    await writer.close();
    await partial.discard();
    throw error;
  }
  const error = totalError(errors.values());
  return {
    output,
    target: targetName,
    weights: plan.weights.map((planned) => reportRow(planned, targetName, errors.get(planned.weight.name))),
    ...(error !== undefined && { error }),
    inputBytes,
    outputBytes: layout.files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    seconds: (performance.now() - started) / 1000,
    threads: backend.threads,
    backend: `${backend.name} ${backend.isa}`,
    notes: [],
  };
}

/** Weights that could be quantized: those that are not kept, and those that are refused. */
function matrices({ weights, refused }: PlannedConversion): number {
  return weights.filter(({ action }) => action.kind !== "keep").length + refused.length;
}

function layOut({ weights }: PlannedConversion, conversion: CheckpointConversion): OutputFiles {
  const { output, checkpoint, maxShardBytes = DEFAULT_SHARD_BYTES } = conversion;
  if (output.endsWith(".gguf")) {
    throw new LowbitError("convert/output-path", `${output} names a GGUF file; the layout needs safetensors.`, {
      output,
    });
  }
  const units = weights.map(({ weight, tensors }): OutputUnit => {
    return { name: weight.name, shard: weight.tensors[0]!.shard, tensors };
  });
  const restated = new Map(
    weights.flatMap(({ weight, action }) => (action.kind === "restate" ? [[weight.name, action.weight] as const] : [])),
  );
  const split = {
    maxShardBytes,
    keepSplit: false,
    ...(isSingleFile(output) && { singleFile: singleFileName(output) }),
  };
  return layOutOutput(units, split, (inFile) => {
    const { [LOWBIT_METADATA_KEY]: _, ...others } = checkpoint.metadata.get(inFile[0]?.shard ?? "") ?? {};
    const schema = inFile.flatMap(({ name }) => restated.get(name) ?? []);
    const metadata = { format: "pt", ...others };
    return schema.length === 0 ? metadata : { ...metadata, ...writeLowbitSchema(schema).metadata };
  });
}

/** `quantization_config` and further files; none where the output is plain. */
function clientConfig(
  { weights }: PlannedConversion,
  { target }: CheckpointConversion,
  _errors: ReadonlyMap<string, ErrorSums>,
): ClientConfig | undefined {
  if (target.kind === "plain") return undefined;
  if (target.kind === "lowbit") {
    const restated = weights.flatMap(({ action }) => (action.kind === "restate" ? [action.weight] : []));
    if (restated.length === 0) return undefined;
    return { quantizationConfig: { ...lowbitConfig(weights, restated) } };
  }
  const packed = new Map<string, PackedWeight>();
  for (const { weight, action } of weights) {
    if (action.kind === "pack" || action.kind === "requantize") packed.set(weight.name, action.packed);
  }
  const kept = weights.flatMap(({ weight, action }) =>
    action.kind === "keep" && weight.shape.length > 1 ? [weight.name] : [],
  );
  return target.writer.config(packed, kept);
}

function lowbitConfig(weights: readonly PlannedWeight[], restated: readonly LowbitWeight[]): object {
  const names = new Set(restated.map(({ name }) => name));
  const of = weights.filter(({ weight }) => names.has(weight.name));
  const bytes = of.reduce((sum, planned) => sum + outputBytes(planned), 0);
  const count = of.reduce((sum, { weight }) => sum + elementCount(weight.shape), 0);
  const { method, options } = restated[0]!.provenance;
  return lowbitQuantizationConfig({
    method,
    options,
    lowbitVersion: lowbitVersion(),
    bitsPerWeight: (8 * bytes) / count,
  });
}

function outputBytes({ tensors }: PlannedWeight): number {
  return tensors.reduce((sum, { dtype, shape }) => sum + (elementCount(shape) * DTYPES[dtype].bits) / 8, 0);
}

function reportRow(planned: PlannedWeight, targetName: string, sums: ErrorSums | undefined): ConvertedWeight {
  const { weight, action } = planned;
  const from = storageName(weight);
  const row = {
    name: weight.name,
    shape: weight.shape,
    from,
    inputBytes: weight.byteLength,
    outputBytes: outputBytes(planned),
    ...(sums !== undefined && { error: errorFigures(sums) }),
  };
  switch (action.kind) {
    case "keep":
      return { ...row, to: from, outcome: "kept" };
    case "restate":
      return {
        ...row,
        to: "lowbit",
        outcome: weight.kind === "quantized" && weight.layout === "lowbit" ? "kept" : "exact",
      };
    case "decode": {
      const outcome: ConversionOutcome = isExactDecode(weight.kind, from, action.dtype, sums) ? "exact" : "rounded";
      const values = weight.kind === "quantized" ? "values" : `${from} values`;
      return {
        ...row,
        to: action.dtype,
        outcome,
        ...(outcome === "rounded" && { rounded: `${values} to ${action.dtype}` }),
      };
    }
    case "pack": {
      const { rounded } = action.packed;
      if (rounded === undefined) return { ...row, to: targetName, outcome: "exact" };
      return { ...row, to: targetName, outcome: "rounded", rounded };
    }
    case "requantize":
      return { ...row, to: targetName, outcome: "requantized" };
  }
}

function isExactDecode(kind: string, from: string, to: string, sums: ErrorSums | undefined): boolean {
  if (sums !== undefined) return sums.noise === 0;
  return to === "F32" && (kind === "quantized" || from === "F16" || from === "BF16" || from === "F32");
}

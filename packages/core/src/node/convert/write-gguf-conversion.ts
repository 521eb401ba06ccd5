import { throwIfAborted } from "../../pipeline/abort.js";
import type { ChunkTask } from "../../pipeline/chunk-task.js";
import type { ErrorSums } from "../../pipeline/error-sums.js";
import { threadsWithinMemory } from "../../pipeline/memory-limit.js";
import type { ProgressMeter } from "../../pipeline/progress.js";
import { workspaceSizes } from "../../pipeline/workspace-sizes.js";
import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import { createFileWriter } from "../file-writer.js";
import { makeFingerprint } from "../fingerprint.js";
import { lowbitVersion } from "../lowbit-version.js";
import { checkOutputApart } from "../output-paths.js";
import { checkOutputPaths } from "../partial-output.js";
import { runToOutput } from "../run-to-output.js";
import type { GgufConversion, GgufConversionTensor } from "./gguf-conversion.js";
import { type GgufOutputFiles, layOutGgufOutput } from "./lay-out-gguf.js";

export interface GgufConversionResult {
  /** Of tensors whose errors were measured. */
  readonly errors: ReadonlyMap<string, ErrorSums>;
  readonly outputBytes: number;
  readonly seconds: number;
  readonly threads: number;
  readonly backend: string;
}

/**
 * Writes a GGUF model: what is copied and encoded goes through the chunk pipeline (all threads, bounded memory), what has
 * to be whole is made one tensor at a time. The output appears at its path when it is complete.
 * @throws `pipeline/…`, `convert/output-path`, and what reading the input throws
 */
export async function writeGgufConversion(
  conversion: GgufConversion,
  checkpoint: Checkpoint,
): Promise<GgufConversionResult> {
  const started = performance.now();
  const { input, output, force = false, resume = false, tensors } = conversion;
  await checkOutputPaths({ output, resume, force });
  await checkOutputApart(input, output);
  const layout = layOutGgufOutput(output, conversion.metadata, tensors, conversion.maxFileBytes);
  const streamed = tensors.filter(({ source }) => source.kind !== "bytes");
  const whole = tensors.filter(({ source }) => source.kind === "bytes");
  const tasks = streamed.map((tensor) => chunkTask(tensor, layout, conversion));
  const sizes = workspaceSizes(tasks);
  const threads = threadsWithinMemory(sizes, conversion.threads, conversion.maxMemoryBytes);
  const { finished, backend } = await runToOutput({
    phase: "convert",
    setup: { tasks, sizes, input, backend: conversion.backend },
    names: streamed.map(({ name }) => name),
    inputBytes: streamed.map(({ inputBytes }) => inputBytes),
    files: layout.files,
    fingerprint: await makeFingerprint({
      lowbitVersion: lowbitVersion(),
      input,
      checkpoint,
      settings: conversion.settings,
      decisions: [conversion.encoder, tensors.map(({ name, type, source }) => [name, type, source.kind])],
      files: layout.files,
    }),
    extraBytes: whole.reduce((sum, { inputBytes }) => sum + inputBytes, 0),
    writeExtras: (directory, progress) => writeWhole(directory, layout, conversion, progress),
    threads,
    run: { ...conversion, quantizers: {} },
  });
  return {
    errors: new Map([...finished].flatMap(([name, { errors }]) => (errors ? [[name, errors] as const] : []))),
    outputBytes: layout.files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    seconds: (performance.now() - started) / 1000,
    threads,
    backend,
  };
}

function chunkTask(
  { name, shape, type, source }: GgufConversionTensor,
  { places }: GgufOutputFiles,
  { encoder, measuresErrors }: GgufConversion,
): ChunkTask {
  const place = places.get(name)!;
  if (source.kind === "copy") return { kind: "copy", tensor: source.tensor, place };
  const { from, rowOrder, importance } = source as Extract<GgufConversionTensor["source"], { kind: "encode" }>;
  return {
    kind: "encode",
    name,
    source: from,
    shape: matrixShape(shape),
    type,
    encoder,
    measuresError: measuresErrors,
    place,
    ...(rowOrder && { rowOrder }),
    ...(importance && { importance }),
  };
}

async function writeWhole(
  directory: string,
  { places }: GgufOutputFiles,
  conversion: GgufConversion,
  progress: ProgressMeter,
): Promise<void> {
  const writer = createFileWriter(directory);
  try {
    for (const { name, source, inputBytes } of conversion.tensors) {
      if (source.kind !== "bytes") continue;
      throwIfAborted(conversion.signal);
      const { file, byteOffset } = places.get(name)!;
      await writer.write(file, byteOffset, await source.make());
      progress.add(name, inputBytes);
    }
  } finally {
    await writer.close();
  }
}

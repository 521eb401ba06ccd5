import { basename } from "node:path";
import { LowbitError } from "../../errors/index.js";
import type { GgufMetadata } from "../../gguf/gguf-value.js";
import { planGgufSplits } from "../../gguf/plan-gguf-splits.js";
import { type GgufTensorSpec, layOutGguf } from "../../gguf/write-gguf.js";
import type { Placement } from "../../pipeline/chunk-task.js";
import type { OutputFile } from "../partial-output.js";

const ENDING = ".gguf";
/** In a directory. */
const STEM = "model";

/** Files of a GGUF model, laid out before any data exist. */
export interface GgufOutputFiles {
  readonly files: readonly OutputFile[];
  /** By tensor. */
  readonly places: ReadonlyMap<string, Placement>;
}

/**
 * Lays out a GGUF model: one file where the output ends in ".gguf", else a directory of one file or of splits.
 * @param maxFileBytes tensor bytes of a file at most
 * @throws `options/command-line` where one file was asked for and several are needed, and what `layOutGguf` throws
 */
export function layOutGgufOutput(
  output: string,
  metadata: GgufMetadata,
  tensors: readonly GgufTensorSpec[],
  maxFileBytes: number = Number.POSITIVE_INFINITY,
): GgufOutputFiles {
  const isFile = output.endsWith(ENDING);
  const stem = isFile ? basename(output, ENDING) : STEM;
  const planned = planGgufSplits(stem, metadata, tensors, maxFileBytes);
  if (isFile && planned.length > 1) {
    throw new LowbitError(
      "convert/output-path",
      `${output} is one file, but the model needs ${planned.length} of at most ${maxFileBytes} bytes.`,
      { output, files: planned.length, maxFileBytes },
    );
  }
  const places = new Map<string, Placement>();
  const files = planned.map((file): OutputFile => {
    const layout = layOutGguf(file.metadata, file.tensors);
    for (const { name, byteOffset, byteLength } of layout.tensors) {
      places.set(name, { file: file.name, byteOffset, byteLength });
    }
    return { name: file.name, header: layout.head, byteLength: layout.byteLength };
  });
  return { files, places };
}

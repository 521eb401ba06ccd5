import type { KernelBackend } from "@lowbit/core/backend";
import { blockType } from "@lowbit/core/blocks";
import { type BlockEncoder, isFittedType } from "@lowbit/core/pipeline";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { decodeTerms } from "@lowbit/core/terms";
import { isBlockType } from "../../gguf/choose-types.js";
import type { GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";

/** How the tensors of a checkpoint are encoded. */
export interface GgufEncoding {
  readonly encoder: BlockEncoder;
  /** Second moments of the input features of a tensor, by its name in the GGUF file. */
  readonly importance?: (tensor: GgufExportTensor) => Float32Array | undefined;
  readonly backend: KernelBackend;
  readonly checkpoint: Checkpoint;
}

/** Weights [rows, columns]. */
export interface ValueRows {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Writes rows as a type of a GGUF file. */
export function encodeValues(
  tensor: GgufExportTensor,
  block: ValueRows,
  type: GgufExportType,
  bytes: Uint8Array,
  { encoder, importance, backend }: GgufEncoding,
): void {
  const moments = importance?.(tensor);
  if (!isBlockType(type)) backend.encodeFloats(type, block.values, bytes);
  else if (encoder === "lowbit" && isFittedType(type)) {
    backend.blockFit(block, type, bytes, ...(moments === undefined ? [] : [moments]));
  } else backend.blockEncode(block, type, bytes);
}

/** @returns the values [rows, columns] that bytes of a type stand for */
export function decodeValues(
  type: GgufExportType,
  bytes: Uint8Array,
  { rows, columns }: Pick<ValueRows, "rows" | "columns">,
  backend: KernelBackend,
): Float32Array {
  const values = new Float32Array(rows * columns);
  if (isBlockType(type)) decodeTerms([blockType(type).unpack(bytes, rows, columns)], values, backend);
  else backend.decodeFloats(type, bytes, values);
  return values;
}

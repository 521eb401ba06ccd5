import type { GgufCheckpoint } from "@lowbit/core/gguf";
import { recogniseWeights } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { huggingFaceView } from "../../gguf/hugging-face-view.js";
import { isTransposedInDirectory, modelDirectoryFiles } from "../../gguf/model-directory-files.js";

/** A GGUF model as the model directory that it becomes. */
export interface DirectoryOfGguf {
  /** Under Hugging Face's names, rows in its order; closing it closes the GGUF file. */
  readonly checkpoint: Checkpoint;
  /** Text of the files beside the weights, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether the directory holds a weight as [inFeatures, outFeatures]. */
  transposes(name: string): boolean;
}

/**
 * @param dtype of plain weights; absent: that of most matrices
 * @param keepsMatrices quantized weights stay as the file has them; else every weight becomes plain
 */
export async function directoryOfGguf(
  checkpoint: GgufCheckpoint,
  dtype: "F16" | "BF16" | "F32" | undefined,
  keepsMatrices: boolean,
): Promise<DirectoryOfGguf> {
  const view = await huggingFaceView(checkpoint);
  const files = modelDirectoryFiles(checkpoint, view, dtype ?? plainDtype(view.checkpoint), keepsMatrices);
  return {
    checkpoint: view.checkpoint,
    files,
    transposes: (name) => !keepsMatrices && isTransposedInDirectory(view, name),
  };
}

/** Dtype of the plain matrices; F32, to which blocks decode, where there are none. */
function plainDtype(checkpoint: Checkpoint): "F16" | "BF16" | "F32" {
  const plain = recogniseWeights(checkpoint).find(({ kind, shape }) => kind === "plain" && shape.length > 1);
  return plain?.dtype === "F16" || plain?.dtype === "BF16" ? plain.dtype : "F32";
}

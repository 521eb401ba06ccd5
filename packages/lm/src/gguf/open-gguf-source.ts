import type { KernelBackend } from "@lowbit/core/backend";
import type { GgufCheckpoint } from "@lowbit/core/gguf";
import type { ModelSource } from "../model/language-model.js";
import { openModelSource } from "../model/open-model-source.js";
import { huggingFaceView } from "./hugging-face-view.js";

/**
 * The decoder of a GGUF file. Its name and weights' names are those of the model that the file was made of.
 * @param checkpoint closed by the source
 * @throws what `huggingFaceView` and `openModelSource` throw
 */
export async function openGgufSource(checkpoint: GgufCheckpoint, backend: KernelBackend): Promise<ModelSource> {
  const view = await huggingFaceView(checkpoint);
  const { name } = view.checkpoint;
  return openModelSource({ name, checkpoint: view.checkpoint, config: view.config }, backend);
}

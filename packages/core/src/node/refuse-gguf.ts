import { LowbitError } from "../errors/index.js";
import { isGgufCheckpoint } from "../gguf/gguf-checkpoint.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";

/**
 * For work that copies a model's names, order of rows and side files: those of a GGUF file are another program's.
 * @throws `pipeline/gguf-input`
 */
export function refuseGguf(checkpoint: Checkpoint): void {
  if (!isGgufCheckpoint(checkpoint)) return;
  const { name: path } = checkpoint;
  throw new LowbitError("pipeline/gguf-input", `${path} is a GGUF model; this takes safetensors files.`, { path });
}

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { GGUF_ENDING, SHARD_ENDING } from "../checkpoint/container.js";
import { type CheckedFile, checkpointProblems, type FileProblems } from "../checkpoint/header-problems.js";
import { openFileSource } from "./file-source.js";
import { isHubReference } from "./hub/hub-reference.js";
import { findHubModel } from "./hub/open-hub-checkpoint.js";
import { openCheckpoint } from "./open-checkpoint.js";

/**
 * Every problem of every header at a path or of a Hub model, not only the first; then, when all headers are sound, the
 * first problem of the whole (missing shard, wrong index).
 * @throws `bytes/…` and `hub/…` where a file cannot be read
 */
export async function findCheckpointProblems(path: string): Promise<FileProblems[]> {
  if (isHubReference(path)) {
    const model = await findHubModel(path);
    const files = model.weights.map((file): CheckedFile => ({ file, open: () => model.openSource(file) }));
    return checkpointProblems(path, files, () => model.openCheckpoint());
  }
  const files = (await localFiles(path)).map((file): CheckedFile => ({ file, open: () => openFileSource(file) }));
  return checkpointProblems(path, files, () => openCheckpoint(path));
}

async function localFiles(path: string): Promise<string[]> {
  if (path.endsWith(".json")) return [];
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // openFileSource reports the cause with its code
  );
  if (!isDirectory) return [path];
  const names = await readdir(path);
  const safetensors = names.filter((name) => name.endsWith(SHARD_ENDING));
  const files = safetensors.length > 0 ? safetensors : names.filter((name) => name.endsWith(GGUF_ENDING));
  return files.map((name) => join(path, name));
}

import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { openCheckpoint } from "@lowbit/core/node";
import { ConfigFields } from "../architectures/config-fields.js";
import { openGgufSource } from "../gguf/open-gguf-source.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import { openModelSource } from "../model/open-model-source.js";

/**
 * Opens a model by its path: a directory with config.json and safetensors files, one safetensors file or shard index
 * beside a config.json, a GGUF file (of a split model: any of its parts), or a directory with one GGUF model. Reads no
 * weights.
 * @throws `model/no-config`, `bytes/cannot-open`, and what `openCheckpoint`, `openModelSource` and `openGgufSource` throw
 */
export async function openModel(path: string, backend: KernelBackend): Promise<ModelSource> {
  const directory = modelDirectory(path);
  const config = isGgufPath(path) ? undefined : await readJson(join(directory, "config.json"));
  if (config === undefined && !(await holdsGguf(path))) {
    throw new LowbitError("model/no-config", `${path}: there is no config.json in ${directory}.`, { path, directory });
  }
  if (config !== undefined) checkObject(path, config);
  const checkpoint = await openCheckpoint(path);
  try {
    if (isGgufCheckpoint(checkpoint)) return await openGgufSource(checkpoint, backend);
    const generationConfig = await readJson(join(directory, "generation_config.json"));
    return await openModelSource({ name: path, checkpoint, config, generationConfig }, backend);
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** Opens a model and loads all of it. */
export async function loadModel(path: string, backend: KernelBackend): Promise<LanguageModel> {
  const source = await openModel(path, backend);
  try {
    return await source.load();
  } finally {
    await source.close();
  }
}

/** Whether a path is a GGUF file, or a directory that holds some. */
export async function holdsGguf(path: string): Promise<boolean> {
  if (isGgufPath(path)) return true;
  try {
    return (await readdir(path)).some(isGgufPath);
  } catch {
    // No directory: opening it says what it is.
    return false;
  }
}

function isGgufPath(path: string): boolean {
  return extname(path) === ".gguf";
}

/** Where the config and the tokenizer of a model's path lie: its directory, or the GGUF file, which holds both. */
export function modelDirectory(path: string): string {
  return extname(path) === ".safetensors" || path.endsWith(".json") ? dirname(path) : path;
}

/** Opening a checkpoint reads config.json as well, and would refuse it as a side file. @throws `model/config-json` */
function checkObject(path: string, config: unknown): ConfigFields {
  return new ConfigFields(path, config);
}

/** @throws `model/config-json`, `bytes/cannot-open` */
async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    if (reason === "ENOENT") return undefined;
    throw new LowbitError(
      "bytes/cannot-open",
      `${path}: cannot be read (${reason}).`,
      { path, reason },
      { cause: error },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LowbitError(
      "model/config-json",
      `${path}: is not JSON (${(cause as Error).message}).`,
      { path },
      { cause },
    );
  }
}

import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { openCheckpoint } from "@lowbit/core/node";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import { openModelSource } from "../model/open-model-source.js";

/**
 * Opens a model by its path: a directory with config.json and safetensors files, or one safetensors file or shard index
 * beside a config.json. Reads no weights.
 * @throws `model/no-config`, `bytes/cannot-open`, and what `openCheckpoint` and `openModelSource` throw
 */
export async function openModel(path: string, backend: KernelBackend): Promise<ModelSource> {
  const directory = modelDirectory(path);
  const config = await readJson(join(directory, "config.json"));
  if (config === undefined) {
    throw new LowbitError("model/no-config", `${path}: there is no config.json in ${directory}.`, { path, directory });
  }
  const generationConfig = await readJson(join(directory, "generation_config.json"));
  const checkpoint = await openCheckpoint(path);
  try {
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

/** Where the config and the tokenizer of a model's path lie. */
export function modelDirectory(path: string): string {
  return extname(path) === ".safetensors" || path.endsWith(".json") ? dirname(path) : path;
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

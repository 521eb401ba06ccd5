import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LowbitError } from "../errors/index.js";
import { writeFailed } from "./file-writer.js";
import { isJsonObject, withJsonMember } from "./json-member.js";

const CONFIG = "config.json";
/** Configuration, tokenizer, chat template, model card, licence, code that `auto_map` of the config names. */
const SIDE_FILE = /\.(json|jsonl|txt|model|tiktoken|jinja|md|py)$|^(LICEN[CS]E|NOTICE|COPYING|USE_POLICY)/i;
const SHARD_INDEX = /\.index\.json$/;

export interface SideFiles {
  readonly directory: string;
  /** Names of the files that are copied as they are. */
  readonly names: readonly string[];
  /** Text of config.json, where there is one. */
  readonly config?: string;
}

/**
 * The files beside the weights of a model directory that belong to the model.
 * @throws `pipeline/config-invalid` when config.json holds no JSON object
 */
export async function findSideFiles(directory: string): Promise<SideFiles> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && SIDE_FILE.test(entry.name) && !SHARD_INDEX.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
  if (!names.includes(CONFIG)) return { directory, names };
  return {
    directory,
    names: names.filter((name) => name !== CONFIG),
    config: await readConfig(join(directory, CONFIG)),
  };
}

/** Copies them; `quantizationConfig` replaces the entry of config.json, undefined removes it. */
export async function writeSideFiles(
  files: SideFiles,
  target: string,
  quantizationConfig: object | undefined,
): Promise<void> {
  try {
    for (const name of files.names) await copyFile(join(files.directory, name), join(target, name));
    if (files.config === undefined) return;
    const config = withJsonMember(files.config, "quantization_config", quantizationConfig);
    await writeFile(join(target, CONFIG), config);
  } catch (cause) {
    throw writeFailed(target, cause);
  }
}

async function readConfig(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  if (isJsonObject(text)) return text;
  throw new LowbitError("pipeline/config-invalid", `${path} holds no JSON object.`, { path });
}

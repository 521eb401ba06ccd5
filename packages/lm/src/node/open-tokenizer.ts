import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { openCheckpoint } from "@lowbit/core/node";
import { tokenizerFilesFromGguf } from "../gguf/tokenizer/tokenizer-files-from-gguf.js";
import { createTokenizer } from "../tokenizer/create-tokenizer.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { holdsGguf } from "./open-model.js";

/**
 * The tokenizer of a model directory: tokenizer.json with tokenizer_config.json, special_tokens_map.json and
 * chat_template.jinja where they exist; or that of a GGUF file, from its metadata.
 * @param directory a model directory, or a GGUF file
 * @throws `tokenizer/missing-file`, `tokenizer/invalid-file`, and what `openCheckpoint` and `tokenizerFilesFromGguf` throw
 */
export async function openTokenizer(directory: string): Promise<Tokenizer> {
  const onDisk = (file: string): Promise<string | undefined> => readIfPresent(join(directory, file));
  const isBeside = (await onDisk("tokenizer.json")) !== undefined;
  const stored = !isBeside && (await holdsGguf(directory)) ? await ggufFiles(directory) : undefined;
  const read = stored === undefined ? onDisk : async (file: string) => stored.get(file);
  const tokenizer = await read("tokenizer.json");
  if (tokenizer === undefined) {
    throw new LowbitError("tokenizer/missing-file", `${directory}: holds no tokenizer.json.`, { path: directory });
  }
  const config = await read("tokenizer_config.json");
  const specialTokens = await read("special_tokens_map.json");
  const chatTemplate = await read("chat_template.jinja");
  return createTokenizer({
    name: directory,
    tokenizer,
    ...(config !== undefined && { config }),
    ...(specialTokens !== undefined && { specialTokens }),
    ...(chatTemplate !== undefined && { chatTemplate }),
  });
}

async function ggufFiles(path: string): Promise<ReadonlyMap<string, string>> {
  const checkpoint = await openCheckpoint(path);
  try {
    return isGgufCheckpoint(checkpoint) ? tokenizerFilesFromGguf(checkpoint.gguf, path) : new Map();
  } finally {
    await checkpoint.close();
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import { createTokenizer } from "../tokenizer/create-tokenizer.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/**
 * The tokenizer of a model directory: tokenizer.json with tokenizer_config.json, special_tokens_map.json and
 * chat_template.jinja where they exist.
 * @throws `tokenizer/missing-file`, `tokenizer/invalid-file`
 */
export async function openTokenizer(directory: string): Promise<Tokenizer> {
  const read = (file: string): Promise<string | undefined> => readIfPresent(join(directory, file));
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

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

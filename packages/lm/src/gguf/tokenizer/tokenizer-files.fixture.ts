import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createMemorySource } from "@lowbit/core/bytes";
import { type GgufMetadata, type GgufValue, readGgufHeader, writeGguf } from "@lowbit/core/gguf";
import { createTokenizer } from "../../tokenizer/create-tokenizer.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";

export type Files = ReadonlyMap<string, string>;

const NAMES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "generation_config.json",
  "config.json",
];

/** The files of a model directory that say how it turns text into ids. */
export function readTokenizerFiles(directory: string): Files {
  const found = NAMES.filter((name) => existsSync(join(directory, name)));
  return new Map(found.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}

export function tokenizerOf(files: Files): Tokenizer {
  const [config, chatTemplate] = [files.get("tokenizer_config.json"), files.get("chat_template.jinja")];
  return createTokenizer({
    name: "the tokenizer",
    tokenizer: files.get("tokenizer.json")!,
    ...(config !== undefined && { config }),
    ...(chatTemplate !== undefined && { chatTemplate }),
  });
}

export function idsOf(tokenizer: Tokenizer, texts: readonly string[], addSpecialTokens = false): readonly number[][] {
  return texts.map((text) => Array.from(tokenizer.encode(text, { addSpecialTokens })));
}

/** Keys that llama.cpp needs of any model before it looks at the tokenizer. */
const ARCHITECTURE: readonly (readonly [string, GgufValue])[] = [
  ["general.architecture", { type: "string", value: "llama" }],
  ["llama.context_length", { type: "uint32", value: 32 }],
  ["llama.embedding_length", { type: "uint32", value: 32 }],
  ["llama.feed_forward_length", { type: "uint32", value: 32 }],
  ["llama.block_count", { type: "uint32", value: 1 }],
  ["llama.attention.head_count", { type: "uint32", value: 1 }],
  ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: Math.fround(1e-5) }],
];

/** A GGUF file that holds a tokenizer and no weights. */
export function vocabularyFile(tokenizer: GgufMetadata): Uint8Array {
  return writeGguf(new Map([...ARCHITECTURE, ...tokenizer]), []);
}

/** Metadata as they come back from the bytes of a file. */
export async function readBack(tokenizer: GgufMetadata): Promise<GgufMetadata> {
  return (await readGgufHeader(createMemorySource(vocabularyFile(tokenizer)))).metadata;
}

/** tokenizer.json with some of its members changed. */
export function changeTokenizer(files: Files, change: (file: TokenizerJson) => object): Files {
  const file = JSON.parse(files.get("tokenizer.json")!) as TokenizerJson;
  return new Map(files).set("tokenizer.json", JSON.stringify({ ...file, ...change(file) }));
}

/** What tests touch of tokenizer.json. */
export interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly unknown[] };
  readonly added_tokens: readonly object[];
  readonly [member: string]: unknown;
}

import { isObject, type JsonObject } from "./tokenizer-files.js";

/** Texts of the named special tokens: `bos_token`, `eos_token`, `unk_token`, `pad_token`. */
export type SpecialTexts = Readonly<Record<string, string>>;

const NAMES = ["bos_token", "eos_token", "unk_token", "pad_token"];

/** Reads tokenizer_config.json, then special_tokens_map.json; a token is a string or an object with "content". */
export function specialTexts(config: JsonObject, map: JsonObject): SpecialTexts {
  const texts: Record<string, string> = {};
  for (const name of NAMES) {
    const text = tokenText(config[name]) ?? tokenText(map[name]);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isObject(value) && typeof value["content"] === "string" ? value["content"] : undefined;
}

import { LowbitError } from "@lowbit/core/errors";
import { type GgufMetadata, type GgufScalarType, type GgufValue, ggufArray } from "@lowbit/core/gguf";
import { isObject, parseSideFile, parseTokenizerFile, type TokenizerFiles } from "../../tokenizer/tokenizer-files.js";
import { type ExportSpecialIds, exportSpecialIds } from "./export-special-ids.js";
import { listVocabulary } from "./list-vocabulary.js";
import { mergeScores } from "./merge-scores.js";
import { PRE_TOKENIZERS, recognisePreTokenizer } from "./pre-tokenizers.js";
import { vocabularyIds } from "./read-vocabulary.js";
import { splittingSteps } from "./splitting-steps.js";
import { modelMerges, tokenizerKind } from "./tokenizer-kind.js";

export interface GgufTokenizerOptions {
  /** Value of `tokenizer.ggml.pre` for a byte-level tokenizer; absent: found from how tokenizer.json cuts its text. */
  readonly pre?: string;
  /** Shown in messages. */
  readonly name?: string;
}

/**
 * The keys `tokenizer.…` of a GGUF file, in the order in which llama.cpp's converter writes them.
 * @param files of the model directory by name: tokenizer.json and, where they exist, tokenizer_config.json,
 *   special_tokens_map.json, chat_template.jinja, generation_config.json and config.json; others are left alone
 * @param vocabularySize rows of the embedding
 * @throws `tokenizer/missing-file`, `tokenizer/invalid-file`, `tokenizer/gguf-export`, `tokenizer/unknown-pre-tokenizer`,
 *   `tokenizer/vocabulary-mismatch`, `tokenizer/duplicate-token`
 */
export function ggufTokenizerMetadata(
  files: ReadonlyMap<string, string>,
  vocabularySize: number,
  { pre, name = "the model" }: GgufTokenizerOptions = {},
): GgufMetadata {
  const given = tokenizerFiles(files, name);
  const file = parseTokenizerFile(given);
  const kind = tokenizerKind(file, name);
  const merges = modelMerges(file, name);
  const tokens = listVocabulary(file, vocabularySize, kind, name);
  const special = exportSpecialIds(given, vocabularyIds(tokens), [
    files.get("generation_config.json"),
    files.get("config.json"),
  ]);
  const keys = new Map<string, GgufValue>();
  const set = (key: string, type: GgufScalarType, value: number | boolean | string): void => {
    keys.set(`tokenizer.ggml.${key}`, { type, value });
  };
  const list = (key: string, type: GgufScalarType, values: readonly (number | string)[]): void => {
    keys.set(`tokenizer.ggml.${key}`, ggufArray(type, values));
  };

  set("model", "string", kind.kind);
  set("pre", "string", kind.kind === "llama" ? "default" : (pre ?? preTokenizerName(file, name)));
  list(
    "tokens",
    "string",
    tokens.map(({ text }) => text),
  );
  if (kind.kind === "llama") list("scores", "float32", Array.from(mergeScores(tokens, merges, name)));
  list(
    "token_type",
    "int32",
    tokens.map(({ type }) => type),
  );
  if (kind.kind === "gpt2")
    list(
      "merges",
      "string",
      merges.map(([left, right]) => `${left} ${right}`),
    );
  setSpecial(set, special);
  if (kind.kind === "llama") set("add_space_prefix", "bool", kind.addsSpace);
  for (const [template, text] of chatTemplates(given)) {
    keys.set(`tokenizer.chat_template${template === "default" ? "" : `.${template}`}`, { type: "string", value: text });
  }
  return keys;
}

function setSpecial(
  set: (key: string, type: GgufScalarType, value: number | boolean) => void,
  { begin, end, endOfTurn, unknown, separator, padding, addsBegin, addsEnd }: ExportSpecialIds,
): void {
  const ids = { bos: begin, eos: end, eot: endOfTurn, unknown, seperator: separator, padding };
  for (const [role, id] of Object.entries(ids)) {
    if (id !== undefined) set(`${role}_token_id`, "uint32", id);
  }
  set("add_bos_token", "bool", addsBegin);
  set("add_eos_token", "bool", addsEnd);
}

function tokenizerFiles(files: ReadonlyMap<string, string>, name: string): TokenizerFiles {
  const tokenizer = files.get("tokenizer.json");
  if (tokenizer === undefined) {
    throw new LowbitError("tokenizer/missing-file", `${name}: holds no tokenizer.json.`, { path: name });
  }
  const config = files.get("tokenizer_config.json");
  const specialTokens = files.get("special_tokens_map.json");
  const chatTemplate = files.get("chat_template.jinja");
  return {
    name,
    tokenizer,
    ...(config !== undefined && { config }),
    ...(specialTokens !== undefined && { specialTokens }),
    ...(chatTemplate !== undefined && { chatTemplate }),
  };
}

/** @throws `tokenizer/unknown-pre-tokenizer` */
function preTokenizerName(
  { model, pre_tokenizer: found }: ReturnType<typeof parseTokenizerFile>,
  name: string,
): string {
  const steps = splittingSteps(found);
  const ignoresMerges = model["ignore_merges"] === true;
  const entry = steps === undefined ? undefined : recognisePreTokenizer(steps, ignoresMerges);
  if (entry !== undefined) return entry.name;
  const known = PRE_TOKENIZERS.map((one) => one.name);
  throw new LowbitError(
    "tokenizer/unknown-pre-tokenizer",
    `${name}: tokenizer.json cuts text by ${JSON.stringify(steps ?? found)}${ignoresMerges ? " and takes whole words that are tokens" : ""}, which none of the known names stands for (${known.join(", ")}); --pre NAME gives one.`,
    { model: name, found: steps ?? JSON.stringify(found), allowed: known },
  );
}

/** By name; the one without a name is "default". */
function chatTemplates({ name, chatTemplate, config }: TokenizerFiles): readonly (readonly [string, string])[] {
  const stated = parseSideFile(config, name, "tokenizer_config.json")["chat_template"];
  const named = (Array.isArray(stated) ? (stated as unknown[]) : []).flatMap((entry) =>
    isObject(entry) && typeof entry["name"] === "string" && typeof entry["template"] === "string"
      ? [[entry["name"], entry["template"]] as const]
      : [],
  );
  const main = chatTemplate ?? (typeof stated === "string" ? stated : undefined);
  if (main === undefined) return named;
  return [["default", main], ...named.filter(([template]) => template !== "default")];
}

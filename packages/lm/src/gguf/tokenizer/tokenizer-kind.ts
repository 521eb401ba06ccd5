import { isObject, type JsonObject, type TokenizerFile } from "../../tokenizer/tokenizer-files.js";
import { refuseTokenizer } from "./refuse-tokenizer.js";
import type { Merge } from "./scored-merges.js";

/** What a tokenizer.json says that depends on its kind. */
export type TokenizerKind =
  | { readonly kind: "llama"; readonly addsSpace: boolean; readonly hasBytes: boolean }
  | { readonly kind: "gpt2" };

/** What SentencePiece writes for a space. */
const SPACE = "▁";

/**
 * Whether tokenizer.json merges bytes (GPT-2's way) or characters with "▁" for spaces (SentencePiece's way).
 * @throws `tokenizer/gguf-export`
 */
export function tokenizerKind(file: TokenizerFile, name: string): TokenizerKind {
  const { model } = file;
  if (model.type !== "BPE") {
    throw refuseTokenizer(name, `its model is of the type ${JSON.stringify(model.type)}; only "BPE" is written`);
  }
  for (const field of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    if (model[field]) throw refuseTokenizer(name, `its model has a ${field} (${JSON.stringify(model[field])})`);
  }
  if (hasPart(file["pre_tokenizer"], "pretokenizers", "ByteLevel")) {
    checkByteLevel(file, name);
    return { kind: "gpt2" };
  }
  return { kind: "llama", addsSpace: addsSpace(file, name), hasBytes: model["byte_fallback"] === true };
}

/** The merges of the model; tokenizer.json writes them as "a b" or as ["a", "b"]. */
export function modelMerges({ model }: TokenizerFile, name: string): readonly Merge[] {
  const merges = model["merges"];
  if (!Array.isArray(merges)) throw refuseTokenizer(name, "its model has no merges");
  return (merges as unknown[]).map((merge) => {
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string" && part !== "")) {
      return pair as unknown as Merge;
    }
    throw refuseTokenizer(name, `it has the merge ${JSON.stringify(merge)}, which is no pair of texts`);
  });
}

function checkByteLevel(file: TokenizerFile, name: string): void {
  const normalizer = file["normalizer"];
  // llama.cpp composes no characters, but neither do the programs that write such files for Qwen2 and GPT-NeoX refuse them.
  if (normalizer !== null && !(isObject(normalizer) && normalizer["type"] === "NFC")) {
    throw refuseTokenizer(name, `it changes text before it cuts it (${shown(normalizer)}), which llama.cpp does not`);
  }
  const spaced = parts(file["pre_tokenizer"], "pretokenizers").some((part) => part["add_prefix_space"] === true);
  if (spaced) {
    throw refuseTokenizer(name, "it puts a space before the text, which llama.cpp does not for byte-level merges");
  }
}

/** The two ways of tokenizer.json to say it: a normalizer that replaces spaces, or the pre-tokenizer Metaspace. */
function addsSpace(file: TokenizerFile, name: string): boolean {
  const { normalizer, pre_tokenizer: preTokenizer } = file;
  const steps = parts(normalizer, "normalizers");
  const replaces = steps.at(-1);
  if (preTokenizer === null && steps.length > 0 && isSpaceReplacement(replaces)) {
    if (steps.length === 1) return false;
    if (steps.length === 2 && steps[0]!["type"] === "Prepend" && steps[0]!["prepend"] === SPACE) return true;
  }
  if (normalizer === null && isObject(preTokenizer) && preTokenizer["type"] === "Metaspace") {
    const { prepend_scheme: scheme, add_prefix_space: legacy, replacement, split } = preTokenizer;
    const inWords = modelMerges(file, name).every(([, right]) => !right.includes(SPACE));
    if ((replacement ?? SPACE) === SPACE && (split === false || inWords)) {
      return scheme === undefined ? legacy !== false : scheme !== "never";
    }
  }
  const found = `normalizer ${shown(normalizer)}, pre-tokenizer ${shown(preTokenizer)}`;
  throw refuseTokenizer(name, `it prepares text in a way that llama.cpp does not (${found})`);
}

function isSpaceReplacement(step: JsonObject | undefined): boolean {
  const pattern = step?.["pattern"];
  return step?.["type"] === "Replace" && isObject(pattern) && pattern["String"] === " " && step["content"] === SPACE;
}

function hasPart(part: unknown, list: string, type: string): boolean {
  return parts(part, list).some((inner) => inner["type"] === type);
}

/** A part and, where it is a sequence, what it consists of. */
function parts(part: unknown, list: string): readonly JsonObject[] {
  if (!isObject(part)) return [];
  const inner = part[list];
  return part["type"] === "Sequence" && Array.isArray(inner) ? inner.flatMap((one) => parts(one, list)) : [part];
}

function shown(part: unknown): string {
  const text = JSON.stringify(part);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

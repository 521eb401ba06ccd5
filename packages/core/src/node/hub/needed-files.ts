import { LowbitError } from "../../errors/index.js";
import { splitCounter, splitNames } from "../../gguf/split-name.js";
import { INDEX_NAME, SINGLE_FILE_NAME } from "../../safetensors/plan-shards.js";
import type { HubReference } from "./hub-reference.js";

/** What a model consists of in a repository. All names are of one folder of it. */
export interface ModelFiles {
  readonly kind: "gguf" | "safetensors" | "index";
  /** The file to open: a GGUF file, the index, or the first safetensors file. */
  readonly main: string;
  /** Weight files; those that an index names come to it when it has been read. */
  readonly weights: readonly string[];
  /** Configuration, tokenizer, licence. */
  readonly sideFiles: readonly string[];
  /** Whether the files are all that `openCheckpoint` would take from their folder. */
  readonly isFolder: boolean;
}

const INDEX_ENDING = ".safetensors.index.json";
const SIDE_FILE = /\.(json|jsonl|txt|model|tiktoken|jinja)$|^(LICEN[CS]E|NOTICE)/i;

/**
 * Chooses the files that opening the model needs.
 * @throws `hub/no-such-file`, `hub/no-model`, `hub/choose-file`
 */
export function neededFiles(reference: HubReference, names: readonly string[]): ModelFiles {
  const { file } = reference;
  const folder = file === undefined ? "" : file.slice(0, file.lastIndexOf("/") + 1);
  const inFolder = names.filter((name) => name.startsWith(folder) && !name.slice(folder.length).includes("/"));
  const sideFiles = inFolder.filter(
    (name) => SIDE_FILE.test(name.slice(folder.length)) && !name.endsWith(".index.json"),
  );
  const chosen = file ?? mainFile(reference, inFolder);
  if (!names.includes(chosen)) throw noSuchFile(reference, chosen, names);
  if (chosen.endsWith(".gguf")) {
    const weights = splitCounter(chosen) === undefined ? [chosen] : [...splitNames(chosen)];
    const missing = weights.find((name) => !names.includes(name));
    if (missing !== undefined) throw noSuchFile(reference, missing, names);
    return { kind: "gguf", main: weights[0]!, weights, sideFiles: [], isFolder: false };
  }
  if (chosen.endsWith(INDEX_ENDING)) {
    return { kind: "index", main: chosen, weights: [], sideFiles, isFolder: file === undefined };
  }
  if (!chosen.endsWith(".safetensors")) throw noModel(reference, names);
  const all = inFolder.filter((name) => name.endsWith(".safetensors"));
  const weights = file === undefined && chosen !== SINGLE_FILE_NAME ? all : [chosen];
  return { kind: "safetensors", main: chosen, weights, sideFiles, isFolder: weights.length === all.length };
}

/** The index, one file of the usual name, the safetensors files together, or the only GGUF model. */
function mainFile(reference: HubReference, names: readonly string[]): string {
  const indexes = names.filter((name) => name.endsWith(INDEX_ENDING));
  const safetensors = names.filter((name) => name.endsWith(".safetensors"));
  for (const usual of [INDEX_NAME, SINGLE_FILE_NAME]) if (names.includes(usual)) return usual;
  const only = indexes.length === 1 ? indexes[0] : safetensors[0];
  if (only !== undefined) return only;
  const gguf = names.filter((name) => name.endsWith(".gguf") && (splitCounter(name)?.number ?? 1) === 1);
  if (gguf.length === 1) return gguf[0]!;
  if (gguf.length === 0) throw noModel(reference, names);
  throw new LowbitError(
    "hub/choose-file",
    `${reference.text} holds ${gguf.length} GGUF models; name one: ${gguf.map((name) => `${base(reference)}:${name}`).join(", ")}.`,
    { files: gguf },
  );
}

function base({ owner, name, revision }: HubReference): string {
  return `hf:${owner}/${name}${revision === "main" ? "" : `@${revision}`}`;
}

function noSuchFile(reference: HubReference, file: string, names: readonly string[]): LowbitError {
  const similar = names.filter((name) => name.endsWith(file.slice(file.lastIndexOf(".")))).slice(0, 20);
  const hint = similar.length === 0 ? "" : `; it holds ${similar.join(", ")}`;
  return new LowbitError("hub/no-such-file", `${reference.text}: there is no file ${JSON.stringify(file)}${hint}.`, {
    file,
    similar,
  });
}

function noModel(reference: HubReference, names: readonly string[]): LowbitError {
  return new LowbitError(
    "hub/no-model",
    `${reference.text}: none of its ${names.length} files is a .safetensors or .gguf file to open.`,
    { found: names.slice(0, 20) },
  );
}

import { readdir, stat } from "node:fs/promises";
import { LowbitError } from "../errors/index.js";

/** What an unfinished output consists of; see partial-output. */
const PARTIAL_ENTRIES: readonly string[] = ["files", "staged", "journal.jsonl"];

const MODEL_FILE = /\.(safetensors|gguf)$/;

/**
 * Guards `--force`: a directory is replaced only when it is empty or holds a model, so that a slip of the path does not
 * delete something else.
 * @throws `pipeline/not-replaceable`
 */
export async function checkReplaceable(output: string): Promise<void> {
  const isDirectory = (await stat(output)).isDirectory();
  if (!isDirectory && MODEL_FILE.test(output)) return;
  const names = isDirectory ? await readdir(output) : [];
  if (isDirectory && (names.length === 0 || names.some((name) => MODEL_FILE.test(name)))) return;
  throw new LowbitError(
    "pipeline/not-replaceable",
    isDirectory
      ? `${output} is a directory of ${names.length} entries without a .safetensors or .gguf file (${names.slice(0, 3).join(", ")} …); only a model is replaced.`
      : `${output} is a file whose name does not end in .safetensors or .gguf; only a model is replaced.`,
    { path: output, entries: names.slice(0, 3) },
  );
}

/**
 * Guards the place of the unfinished output: what lowbit did not write there is never removed.
 * @throws `pipeline/not-replaceable`
 */
export async function checkPartialIsOurs(partial: string): Promise<void> {
  const found = await stat(partial).catch(() => undefined);
  if (!found) return; // nothing there, or out of reach: then writing fails with the reason
  const names = found.isDirectory() ? await readdir(partial) : ["a file"];
  const foreign = names.filter((name) => !PARTIAL_ENTRIES.includes(name));
  if (foreign.length === 0) return;
  throw new LowbitError(
    "pipeline/not-replaceable",
    `${partial} is where the unfinished output would grow, but it holds what lowbit did not write: ${foreign.slice(0, 3).join(", ")}.`,
    { path: partial, entries: foreign.slice(0, 3) },
  );
}

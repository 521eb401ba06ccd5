import type { ByteSource } from "../bytes/byte-source.js";
import { isLowbitError } from "../errors/index.js";
import { validateGguf } from "../gguf/gguf-header.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { readHeaderBytes, validateHeader } from "../safetensors/header.js";
import type { HeaderProblem } from "../safetensors/header-problem.js";
import { beginsAsGguf, GGUF_ENDING } from "./container.js";

/** Every problem of the header of one .safetensors or GGUF file, in the order of its bytes; the source stays open. */
export async function headerProblems(
  source: ByteSource,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly HeaderProblem[]> {
  const isGguf = source.name.endsWith(GGUF_ENDING) || (await beginsAsGguf(source, options.signal));
  if (isGguf) return validateGguf(source, options);
  return validateHeader(await readHeaderBytes(source, options), source.byteLength);
}

/** A file of a checkpoint that may be unreadable. */
export interface CheckedFile {
  readonly file: string;
  open(): Promise<ByteSource>;
}

export interface FileProblems {
  readonly file: string;
  readonly problems: readonly HeaderProblem[];
}

/**
 * Every problem of every header, not only the first; then, when all headers are sound, the first problem of the whole
 * (missing shard, wrong index).
 * @param name under which a problem of the whole is listed
 */
export async function checkpointProblems(
  name: string,
  files: readonly CheckedFile[],
  openWhole: () => Promise<Checkpoint>,
): Promise<FileProblems[]> {
  const results: FileProblems[] = [];
  for (const { file, open } of files) {
    const source = await open();
    try {
      results.push({ file, problems: await headerProblems(source) });
    } finally {
      await source.close();
    }
  }
  if (results.some(({ problems }) => problems.length > 0)) return results;
  const problem = await openingProblem(openWhole);
  return problem === undefined ? results : [...results, { file: name, problems: [problem] }];
}

async function openingProblem(openWhole: () => Promise<Checkpoint>): Promise<HeaderProblem | undefined> {
  try {
    await (await openWhole()).close();
    return undefined;
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return { code: error.code, message: error.message, facts: error.facts };
  }
}

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isLowbitError } from "@lowbit/core/errors";
import { openCheckpoint, openFileSource } from "@lowbit/core/node";
import { type HeaderProblem, readHeaderBytes, validateHeader } from "@lowbit/core/safetensors";

export interface FileProblems {
  readonly file: string;
  readonly problems: readonly Pick<HeaderProblem, "code" | "message">[];
}

/**
 * Every problem of every safetensors header at a path, not only the first; then, when all headers are sound, the first
 * problem of the set (missing shard, wrong index).
 */
export async function validateFiles(path: string): Promise<FileProblems[]> {
  const results: FileProblems[] = [];
  for (const file of await safetensorsFiles(path)) {
    results.push({ file, problems: await headerProblems(file) });
  }
  if (results.every(({ problems }) => problems.length === 0)) {
    const problem = await openingProblem(path);
    if (problem) results.push({ file: path, problems: [problem] });
  }
  return results;
}

async function headerProblems(file: string): Promise<readonly HeaderProblem[]> {
  const source = await openFileSource(file);
  try {
    return validateHeader(await readHeaderBytes(source), source.byteLength);
  } finally {
    await source.close();
  }
}

async function openingProblem(path: string): Promise<Pick<HeaderProblem, "code" | "message"> | undefined> {
  try {
    await (await openCheckpoint(path)).close();
    return undefined;
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function safetensorsFiles(path: string): Promise<string[]> {
  if (path.endsWith(".json")) return [];
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // openFileSource reports the cause with its code
  );
  if (!isDirectory) return [path];
  const names = await readdir(path);
  return names.filter((name) => name.endsWith(".safetensors")).map((name) => join(path, basename(name)));
}

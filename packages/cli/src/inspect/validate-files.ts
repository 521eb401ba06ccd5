import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ByteSource } from "@lowbit/core/bytes";
import { isLowbitError } from "@lowbit/core/errors";
import { GGUF_MAGIC, validateGguf } from "@lowbit/core/gguf";
import { findHubModel, isHubReference, openFileSource } from "@lowbit/core/node";
import { type HeaderProblem, readHeaderBytes, validateHeader } from "@lowbit/core/safetensors";
import { openNamedCheckpoint } from "../hub/open-named-checkpoint.js";

export interface FileProblems {
  readonly file: string;
  readonly problems: readonly Pick<HeaderProblem, "code" | "message">[];
}

interface NamedSource {
  readonly file: string;
  open(): Promise<ByteSource>;
}

/**
 * Every problem of every header at a path, not only the first; then, when all headers are sound, the first problem of
 * the set (missing shard, wrong index).
 */
export async function validateFiles(path: string): Promise<FileProblems[]> {
  const results: FileProblems[] = [];
  for (const { file, open } of await checkpointFiles(path)) {
    results.push({ file, problems: await headerProblems(await open()) });
  }
  if (results.every(({ problems }) => problems.length === 0)) {
    const problem = await openingProblem(path);
    if (problem) results.push({ file: path, problems: [problem] });
  }
  return results;
}

async function headerProblems(source: ByteSource): Promise<readonly HeaderProblem[]> {
  try {
    const magic = new Uint8Array(Math.min(GGUF_MAGIC.length, source.byteLength));
    await source.read(0, magic);
    const isGguf = source.name.endsWith(".gguf") || String.fromCharCode(...magic) === GGUF_MAGIC;
    if (isGguf) return await validateGguf(source);
    return validateHeader(await readHeaderBytes(source), source.byteLength);
  } finally {
    await source.close();
  }
}

async function openingProblem(path: string): Promise<Pick<HeaderProblem, "code" | "message"> | undefined> {
  try {
    await (await openNamedCheckpoint(path)).close();
    return undefined;
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function checkpointFiles(path: string): Promise<NamedSource[]> {
  if (isHubReference(path)) {
    const model = await findHubModel(path);
    return model.weights.map((name) => ({ file: name, open: () => model.openSource(name) }));
  }
  const files = await localFiles(path);
  return files.map((file) => ({ file, open: () => openFileSource(file) }));
}

async function localFiles(path: string): Promise<string[]> {
  if (path.endsWith(".json")) return [];
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // openFileSource reports the cause with its code
  );
  if (!isDirectory) return [path];
  const names = await readdir(path);
  const safetensors = names.filter((name) => name.endsWith(".safetensors"));
  const files = safetensors.length > 0 ? safetensors : names.filter((name) => name.endsWith(".gguf"));
  return files.map((name) => join(path, basename(name)));
}

import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { buffer as readAll } from "node:stream/consumers";
import { LowbitError } from "@lowbit/core/errors";

/**
 * The text of a file, or of standard input for "-", with all its characters: line ends and a byte order mark stay.
 * @param signal ends the wait for standard input
 * @throws `bytes/cannot-open`, `evaluate/invalid-text`, `evaluate/aborted`
 */
export async function readText(path: string, signal?: AbortSignal): Promise<string> {
  const bytes = path === "-" ? await readInput(signal) : await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const name = path === "-" ? "standard input" : path;
    throw new LowbitError("evaluate/invalid-text", `${name}: is not UTF-8 text.`, { path }, { cause });
  }
}

async function readInput(signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    return await readAll(signal ? addAbortSignal(signal, process.stdin) : process.stdin);
  } catch (cause) {
    if (!signal?.aborted) throw cause;
    throw new LowbitError("evaluate/aborted", "The evaluation was cancelled.", {}, { cause });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new LowbitError("bytes/cannot-open", `${path}: cannot be read (${code}).`, { path }, { cause: error });
  }
}

/** Token ids from a JSON list. @throws `bytes/cannot-open`, `evaluate/invalid-text`, `evaluate/invalid-tokens` */
export async function readTokens(path: string): Promise<Uint32Array> {
  let ids: unknown;
  try {
    ids = JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidTokens(path, `no JSON (${error.message})`);
    throw error;
  }
  if (!Array.isArray(ids)) throw invalidTokens(path, "no JSON list");
  const wrong = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= 2 ** 32);
  if (wrong >= 0) throw invalidTokens(path, `a list whose entry ${wrong} is ${JSON.stringify(ids[wrong])}`);
  return Uint32Array.from(ids as number[]);
}

function invalidTokens(path: string, found: string): LowbitError {
  return new LowbitError("evaluate/invalid-tokens", `${path}: is ${found}; token ids are whole numbers from 0.`, {
    path,
  });
}

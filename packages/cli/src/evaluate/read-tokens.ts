import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { LowbitError } from "@lowbit/core/errors";

/** The text of a file, or of standard input for "-". @throws `bytes/cannot-open` */
export async function readText(path: string): Promise<string> {
  if (path === "-") return readAll(process.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new LowbitError("bytes/cannot-open", `${path}: cannot be read (${code}).`, { path }, { cause: error });
  }
}

/** Token ids from a JSON list. @throws `bytes/cannot-open`, `evaluate/invalid-tokens` */
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

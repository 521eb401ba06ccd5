import { isLowbitError } from "../errors/index.js";

/** What `open` opens, undefined when there is no such file; other errors pass. */
export async function openIfThere<T>(path: string, open: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (isLowbitError(error) && error.facts["reason"] === "ENOENT") return undefined;
    throw error;
  }
}

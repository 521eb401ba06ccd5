import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLAMA_MISSING } from "@lowbit/llama-oracle";

/**
 * Declares tests that ask llama.cpp. Where it is not installed they are left out, and a line says so.
 * @param suite names the tests in that line
 */
export function withLlama(suite: string, declare: () => void): void {
  if (LLAMA_MISSING === undefined) declare();
  else console.log(`${suite}: ${LLAMA_MISSING}, the tests that ask llama.cpp are left out`);
}

/** Runs `use` on files that exist only meanwhile. */
export async function withFiles<T>(
  files: readonly Uint8Array[],
  use: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "lowbit-llama-"));
  try {
    const paths = files.map((_, place) => join(folder, `${place}.gguf`));
    for (const [place, path] of paths.entries()) writeFileSync(path, files[place]!);
    return await use(paths);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

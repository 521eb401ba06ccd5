import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { it } from "vitest";

const folder = process.env["LOWBIT_SHARED_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/**
 * Declares tests that need real files from outside the repository. Where they are absent the tests are left out, and a
 * line says so.
 * @param suite names the tests in that line
 */
export function withSharedData(suite: string, path: string, declare: (path: string) => void): void {
  const full = join(folder, path);
  if (existsSync(full)) {
    declare(full);
  } else {
    console.log(`${suite}: ${full} is absent, the tests on it are left out`);
    // Counted as skipped; a file without any test would count as failed.
    it(`${suite}: needs ${path}`, ({ skip }) => skip(`${full} is absent`));
  }
}

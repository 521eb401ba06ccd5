import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("README.md lists the commands and settings of package.json", () => {
  const script = fileURLToPath(new URL("../../scripts/readme-tables.mjs", import.meta.url));
  const check = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(check.stderr).toBe("");
  expect(check.status).toBe(0);
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { requireBuild } from "./run-lowbit.fixture.js";

const SCRIPT = fileURLToPath(new URL("../scripts/kill-test.mjs", import.meta.url));

beforeAll(requireBuild);

// Few kills, to be quick; `node scripts/kill-test.mjs 20` is the whole test.
it("runs killed at random moments give, resumed, the bytes of an uninterrupted run", { timeout: 120_000 }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [SCRIPT, "4", String(process.pid)]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^4 kills, .* 0 failures$/m);
});

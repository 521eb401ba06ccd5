// Runs every example; one that fails or prints nothing is an error.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, toolEnvironment } from "./toolchain.mjs";

const folder = join(ROOT, "examples");
const files = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
let failures = files.length === 0 ? 1 : 0;
for (const file of files) {
  const { status, stdout } = spawnSync("node", [join(folder, file)], {
    env: toolEnvironment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
  });
  const passed = status === 0 && stdout.trim() !== "" && !/NaN|undefined/.test(stdout);
  if (!passed) failures++;
  console.log(`${passed ? "ok    " : "FAILED"} examples/${file}`);
  if (!passed) console.log(stdout);
}
process.exit(failures === 0 ? 0 : 1);

// Where the project's tools live, and how to run one. Plain JavaScript without dependencies: it runs before anything is
// installed, on the machine's own Node (18 or newer).

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const TOOLS = join(ROOT, ".tools");

/** Oldest Node that the development tools run on; an older machine gets its own under .tools. */
const NODE_FLOOR = [22, 12];

export function nodeIsRecent(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
}

/** PATH with the workspace's binaries, the local Node and pnpm in front. */
export function toolEnvironment() {
  const folders = [join(ROOT, "node_modules", ".bin"), join(TOOLS, "node_modules", ".bin")];
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    // Colours only for people: tools that see CI=true would paint logs, too.
    ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }),
    ...(existsSync(join(TOOLS, "python", "bin", "python"))
      ? { LOWBIT_PYTHON: process.env.LOWBIT_PYTHON ?? join(TOOLS, "python", "bin", "python") }
      : {}),
  };
}

/** Runs a command in the repository root with the project's tools; returns its exit status. */
export function runTool(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env: toolEnvironment(), ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** Whether a program is on the PATH. */
export function hasProgram(name) {
  const found = spawnSync(process.platform === "win32" ? "where" : "which", [name], {
    stdio: "ignore",
    env: toolEnvironment(),
  });
  return found.status === 0;
}

// Installs code-server, a VS Code workbench that npm carries, into .tools: the tests of the extension run in it. Without
// install scripts, so that no compiler and no download site is needed; the few native parts that are then missing (terminal,
// file watcher, log file) are not used by the tests.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool, TOOLS } from "./toolchain.mjs";

/** VS Code 1.139.1. It asks for exactly Node 24. */
const CODE_SERVER_VERSION = "4.139.1";

const home = join(TOOLS, "code-server");
const program = join(home, "node_modules", "code-server");
/** Written last: a folder without it is an installation that was interrupted. */
const proof = join(home, "complete");

/** Its three package trees, one after another: the server, VS Code, the extensions that come with it. */
const STEPS = [
  { folder: home, args: ["install", `code-server@${CODE_SERVER_VERSION}`] },
  { folder: join(program, "lib", "vscode"), args: ["install", "--omit=dev"] },
  { folder: join(program, "lib", "vscode", "extensions"), args: ["install", "--omit=dev"] },
];

export function setUpCodeServer(say, stop) {
  if (existsSync(proof) && readFileSync(proof, "utf8") === CODE_SERVER_VERSION && existsSync(program))
    return say("vscode", `code-server ${CODE_SERVER_VERSION} in .tools`);
  say("vscode", `installing code-server ${CODE_SERVER_VERSION} into .tools (600 MB, a few seconds)`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  for (const { folder, args } of STEPS) {
    const options = { cwd: folder, stdio: ["ignore", "ignore", "inherit"] };
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    if (runTool("npm", [...args, ...flags], options) === 0) continue;
    stop(
      "vscode",
      `npm could not install code-server ${CODE_SERVER_VERSION} (npm ${args.join(" ")} in ${folder}). Check the network and npm's registry.`,
    );
  }
  writeFileSync(proof, CODE_SERVER_VERSION);
}

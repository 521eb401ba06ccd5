// node scripts/run.mjs COMMAND [ARG…]: runs a command with the project's Node, pnpm and binaries first on the PATH.

import { runTool } from "./toolchain.mjs";

const [command, ...args] = process.argv.slice(2);
process.exit(runTool(command, args));

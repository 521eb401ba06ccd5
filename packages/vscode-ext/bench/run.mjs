// node bench/run.mjs, in packages/vscode-ext: the packaged extension in a VS Code workbench, every figure beside its limit.
//
//   LOWBIT_VSIX=PATH   measures this package instead of packaging the extension first
//   --only WORD        only the measurements whose name contains the word
//
// Needs what "npm run setup -- --test" installs. Exits with 1 when a figure is over its limit.

import "./typescript-imports.mjs";

const { runBench } = await import("./bench.ts");
const onlyAt = process.argv.indexOf("--only");
process.exitCode = (await runBench(onlyAt > 0 ? (process.argv[onlyAt + 1] ?? "") : "")) ? 0 : 1;

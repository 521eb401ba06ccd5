// node scripts/package-extension.mjs [--no-build], in packages/vscode-ext: the extension as dist-vsix/lowbit-vscode.vsix.
// What goes in is whitelisted by "files" in package.json. Fails above 2 MB.

import { mkdirSync, readFileSync, statSync } from "node:fs";
import { createVSIX, listFiles } from "@vscode/vsce";

const MOST_BYTES = 2 * 1000 * 1000;
const TARGET = "dist-vsix/lowbit-vscode.vsix";

if (!process.argv.includes("--no-build")) await import("./build-extension.mjs");
const { main, browser, icon } = JSON.parse(readFileSync("package.json", "utf8"));
const options = { cwd: process.cwd(), dependencies: false };
const files = await listFiles(options);
const bundles = ["engine.mjs", "engine-backend.mjs", "engine.web.js", "chunk-worker.js", "webview.js", "webview.css"];
const kernels = ["kernels/relaxed-simd.wasm", "kernels/simd128.wasm"];
const needed = [
  ...[main, browser, icon].map((path) => path.replace(/^\.\//, "")),
  ...[...bundles, ...kernels].map((name) => `dist/${name}`),
  "l10n/bundle.l10n.json",
];
const missing = needed.filter((path) => !files.includes(path));
if (missing.length > 0) throw new Error(`missing from the package: ${missing.join(", ")}`);

mkdirSync("dist-vsix", { recursive: true });
await createVSIX({
  ...options,
  packagePath: TARGET,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const { size } = statSync(TARGET);
console.log(`${TARGET}: ${files.length} files, ${(size / 1e6).toFixed(3)} MB (at most ${MOST_BYTES / 1e6} MB)`);
if (size > MOST_BYTES) {
  console.error(`the package has ${size} bytes, more than ${MOST_BYTES}`);
  process.exit(1);
}

// node scripts/build-extension.mjs, in packages/vscode-ext: the bundles of the extension in dist/.
//
//   extension.cjs       host on the desktop and on remote machines (Node)
//   extension.web.cjs   host in a browser
//   engine.mjs          engine as a child process of the host
//   engine-backend.mjs  what its worker threads make their kernels with; chunk-worker.js is their entry
//   kernels/*.wasm      kernels of both engines
//   engine.web.js       engine as a web worker
//   webview.js, .css    pages

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const shared = { bundle: true, minify: true, sourcemap: false, target: "es2023", logLevel: "warning" };

/** Core reads its version from its package.json, which a bundle has not beside it. */
const statedVersion = {
  name: "stated-version",
  setup({ onLoad }) {
    const { version } = JSON.parse(readFileSync("../core/package.json", "utf8"));
    onLoad({ filter: /[\\/]lowbit-version\.js$/ }, () => ({
      contents: `export const lowbitVersion = () => ${JSON.stringify(version)};`,
    }));
  },
};

/** Kernels as files: a text of base64 in the bundles would be a third larger, and there twice. */
async function writeKernels() {
  mkdirSync("dist/kernels", { recursive: true });
  for (const variant of ["relaxed-simd", "simd128"]) {
    const { MODULE_BASE64 } = await import(`../../kernels-wasm/dist/generated/all/${variant}.js`);
    writeFileSync(`dist/kernels/${variant}.wasm`, Buffer.from(MODULE_BASE64, "base64"));
  }
}

rmSync("dist", { recursive: true, force: true });
await Promise.all([
  writeKernels(),
  build({
    ...shared,
    entryPoints: { extension: "src/host/extension.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    platform: "node",
    external: ["vscode"],
  }),
  build({
    ...shared,
    entryPoints: { "extension.web": "src/host/extension-web.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    platform: "browser",
    external: ["vscode"],
  }),
  build({
    ...shared,
    entryPoints: { engine: "src/engine/engine-process.ts", "engine-backend": "src/engine/node/create-backend.ts" },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    format: "esm",
    splitting: true,
    chunkNames: "engine-[hash]",
    platform: "node",
    plugins: [statedVersion],
  }),
  build({
    ...shared,
    // The worker pool of core looks for it beside the bundle that holds the pool.
    entryPoints: { "chunk-worker": "../core/dist/node/chunk-worker.js" },
    outdir: "dist",
    format: "esm",
    platform: "node",
    plugins: [statedVersion],
  }),
  build({
    ...shared,
    entryPoints: { "engine.web": "src/engine/engine-worker.ts" },
    outdir: "dist",
    format: "iife",
    platform: "browser",
  }),
  build({
    ...shared,
    entryPoints: { webview: "src/webview/main.ts" },
    outdir: "dist",
    format: "esm",
    platform: "browser",
  }),
]);

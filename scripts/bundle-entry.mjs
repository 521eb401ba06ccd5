// node scripts/bundle-entry.mjs FILE [EXTERNAL…]: joins a built module with everything that it imports into one file, in
// place; packages named as EXTERNAL stay imports. Only for modules that worker threads load: a thread that opens one
// file starts in a tenth of the time that two hundred files take.

import { build } from "esbuild";

const [file, ...external] = process.argv.slice(2);
await build({
  entryPoints: [file],
  outfile: file,
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2023",
  sourcemap: true,
  logLevel: "warning",
  external,
});

// node scripts/bundle-command.mjs, in packages/cli: joins the command and the packages of this repository that it imports into
// a few files under dist/bundle, and makes dist/run.js lead there. Nearly a thousand small modules take most of a second to
// load, longer than many a command works; the joined files a fifth of that. The single modules stay for worker threads and
// child processes, which are named by URLs: `import.meta.url` keeps meaning the module that it was written in.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { build } from "esbuild";

const DIST = resolve("dist");
const OUT = resolve("dist/bundle");
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
/** Kernel packages find their binaries beside themselves; what others wrote stays theirs. */
const JOINED = new Set(["@lowbit/core", "@lowbit/lm"]);
const external = Object.keys(dependencies).filter((name) => !JOINED.has(name));

/** An expression for the URL of a built module, as seen from dist/bundle wherever the packages are installed. */
function moduleUrl(path) {
  if (path.startsWith(DIST + sep)) {
    return `new URL(${JSON.stringify(relative(OUT, path).replaceAll(sep, "/"))}, import.meta.url).href`;
  }
  const found = /packages\/(core|lm)\/(dist\/.*)$/.exec(path.replaceAll(sep, "/"));
  if (found === null) throw new Error(`${path}: import.meta.url of a module that is of no package of this repository`);
  return `new URL(${JSON.stringify(`./${found[2]}`)}, import.meta.resolve("@lowbit/${found[1]}/package.json")).href`;
}

const keepUrls = {
  name: "keep-urls",
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      return {
        contents: text.replaceAll("import.meta.url", `(${moduleUrl(path)})`),
        loader: "js",
        resolveDir: dirname(path),
      };
    });
  },
};

rmSync(OUT, { recursive: true, force: true });
await build({
  entryPoints: ["dist/run.js"],
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "es2023",
  sourcemap: true,
  logLevel: "warning",
  external: [...external, ...external.map((name) => `${name}/*`)],
  plugins: [keepUrls],
});
writeFileSync("dist/run.js", 'export { run } from "./bundle/run.js";\n');

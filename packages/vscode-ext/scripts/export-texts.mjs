// node scripts/export-texts.mjs [--check], in packages/vscode-ext: every text of host and pages that can be translated, as
// l10n/bundle.l10n.json. With --check nothing is written; the exit status is 1 when the file is not current.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getL10nJson } from "@vscode/l10n-dev";

const TARGET = "l10n/bundle.l10n.json";

/** Pages import `t` through texts.ts; the exporter finds calls of `l10n.t` only. */
function asExporterKnows(contents) {
  const imported = /import \{[^}]*\bt\b[^}]*\} from "(?:\.{1,2}\/)+texts\.js";/;
  if (!imported.test(contents)) return contents;
  return contents.replace(imported, 'import * as l10n from "@vscode/l10n";').replaceAll(/(?<![\w.$])t\(/g, "l10n.t(");
}

const sources = ["src/host", "src/webview"]
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(path))
  .sort()
  .map((path) => ({ extension: ".ts", contents: asExporterKnows(readFileSync(path, "utf8")) }));
const texts = await getL10nJson(sources);
const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
const text = `${JSON.stringify(sorted, undefined, 2)}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(TARGET, text);
  console.log(`${TARGET}: ${Object.keys(sorted).length} texts`);
} else if (readFileSync(TARGET, "utf8") !== text) {
  console.error(`${TARGET} is not current: run "pnpm run l10n"`);
  process.exit(1);
}

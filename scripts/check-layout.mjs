// Budgets and names of files (CONTRIBUTING.md): prints every offence, exits 1 when there is one, or when it saw nothing.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "./toolchain.mjs";

/** Lines of a source file; beyond it, split by idea. */
const MAXIMUM_LINES = 500;
/** Bytes of any tracked file, other than the bundled model. */
const MAXIMUM_BYTES = 1_000_000;
const HIDDEN_IDEA = /(^|[-_.])(utils?|helpers?|misc|common|manager)([-_.]|$)/;
const MACHINE_PATH = /(^|[\s"'`(=])\/(root|home|work)\/[\w.]/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const FOCUSED = /\b(it|test|describe)\.(only|skip|todo|fails)\b/;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter(Boolean);
const problems = [];
let sources = 0;

for (const file of files) {
  const path = join(ROOT, file);
  let size;
  try {
    size = statSync(path).size;
  } catch {
    continue; // deleted in the work tree, not yet in the index
  }
  if (size > MAXIMUM_BYTES && !file.startsWith("examples/tiny-llama/")) problems.push(`${file}: ${size} bytes`);
  if (!/\.(ts|mts|mjs|cpp|h|inc)$/.test(file) || file.startsWith("scripts/check-layout")) continue;
  sources++;
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n").length - 1;
  if (lines > MAXIMUM_LINES) problems.push(`${file}: ${lines} lines, at most ${MAXIMUM_LINES}`);
  if (HIDDEN_IDEA.test(basename(file))) problems.push(`${file}: the name hides its idea`);
  if (!/^[a-z0-9]+([-_.][a-z0-9]+)*$/.test(basename(file).replace(/^\./, "")))
    problems.push(`${file}: file names are kebab-case (C++: snake_case)`);
  text.split("\n").forEach((line, index) => {
    if (MACHINE_PATH.test(line)) problems.push(`${file}:${index + 1}: path of one machine`);
    if (UNFINISHED.test(line)) problems.push(`${file}:${index + 1}: unfinished work noted in code`);
    if (file.endsWith(".test.ts") && FOCUSED.test(line)) problems.push(`${file}:${index + 1}: focused or skipped test`);
  });
}

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${sources} sources, ${problems.length} problems`);
process.exit(problems.length > 0 || sources === 0 ? 1 : 0);

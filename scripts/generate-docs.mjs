// Writes the generated parts of docs/ from the code: error codes, option tables, command help, ops by backend.
//
//   node scripts/generate-docs.mjs           writes them
//   node scripts/generate-docs.mjs --check   exits 1 when a committed document differs from what would be written

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateBundledModel, quantizeBundledModel } from "./quantize-bundled-model.mjs";
import { ROOT, toolEnvironment } from "./toolchain.mjs";

const check = process.argv.includes("--check");
const coreModule = (name) => import(join(ROOT, "packages", "core", "dist", name, "index.js"));
const stale = [];

function write(file, text) {
  const path = join(ROOT, file);
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (before === text) return;
  if (check) stale.push(file);
  else writeFileSync(path, text);
}

/** Replaces what stands between <!-- name --> and <!-- /name -->, unless that is the same in the sense of `isSame`. */
function fillSection(file, name, content, isSame = (before, now) => before === now) {
  const text = readFileSync(join(ROOT, file), "utf8");
  const section = new RegExp(`<!-- ${name} -->([\\s\\S]*?)<!-- /${name} -->`);
  const before = section.exec(text)?.[1];
  if (before === undefined) throw new Error(`${file} has no section <!-- ${name} --> … <!-- /${name} -->`);
  if (isSame(before.trim(), content.trim())) return;
  write(
    file,
    text.replace(section, () => `<!-- ${name} -->\n${content.trim()}\n<!-- /${name} -->`),
  );
}

function table(titles, rows) {
  const escapeBars = (cell) => String(cell).replaceAll("|", "\\|");
  return [titles, titles.map(() => "---"), ...rows].map((row) => `| ${row.map(escapeBars).join(" | ")} |`).join("\n");
}

async function errorsPage() {
  const { ERROR_CODES } = await coreModule("errors");
  const areas = Map.groupBy(Object.entries(ERROR_CODES), ([code]) => code.split("/")[0]);
  const sections = [...areas].map(
    ([area, entries]) =>
      `## ${area}\n\n${table(
        ["code", "meaning", "what to do"],
        entries.map(([code, { meaning, remedy }]) => [`\`${code}\``, meaning, remedy]),
      )}\n`,
  );
  write(
    join("docs", "errors.md"),
    `# Error codes\n\nEvery error of lowbit has a stable code; messages may change, codes do not. On the command line the code stands in\nbrackets before the message, with \`--json\` in the field \`code\`. Generated from \`packages/core/src/errors/codes\` by\n\`node scripts/generate-docs.mjs\`.\n\n${sections.join("\n")}`,
  );
}

function optionRow([name, spec]) {
  const flag = `\`${name}\``;
  const range = {
    integer: () => `${spec.minimum} … ${spec.maximum}`,
    number: () => `${spec.minimum} … ${spec.maximum}`,
    boolean: () => "true, false",
    choice: () => spec.choices.join(", "),
    group: () => spec.allows.map((kind) => (kind === "group" ? "columns" : kind)).join(", "),
  }[spec.kind]();
  return [flag, range, `\`${spec.default}\``, spec.help];
}

/** The layer whose bits the overview of calibrated methods states. */
const OVERVIEW_SHAPE = { rows: 4096, columns: 4096 };

/** Pages of docs/methods that are of no method. */
const OTHER_PAGES = ["README.md", "rotate.md", "smooth.md"];

async function methodPages() {
  const { QUANTIZERS, CALIBRATED_QUANTIZERS, resolveOptions } = await coreModule("quantizers");
  const { storedBitsPerWeight } = await coreModule("terms");
  const dataFree = Object.values(QUANTIZERS);
  const calibrated = Object.values(CALIBRATED_QUANTIZERS);
  for (const { name, options } of [...dataFree, ...calibrated]) {
    fillSection(
      join("docs", "methods", `${name}.md`),
      "options",
      table(["option", "allowed", "default", "meaning"], Object.entries(options).map(optionRow)),
    );
  }
  const readme = join("docs", "methods", "README.md");
  const link = (name) => `[${name}](${name}.md)`;
  fillSection(
    readme,
    "methods",
    table(
      ["method", "what it does", "source"],
      dataFree.map(({ name, summary, source }) => [link(name), summary, source]),
    ),
  );
  fillSection(
    readme,
    "calibrated",
    table(
      ["method", "what it does", "needs", "claimed bpw", "stored bpw", "source"],
      calibrated.map((method) => {
        const options = resolveOptions(method, {});
        const { terms, transforms } = method.layout(OVERVIEW_SHAPE, options);
        return [
          link(method.name),
          method.summary,
          method.needs(options).join(", "),
          method.claimedBitsPerWeight(OVERVIEW_SHAPE, options).toFixed(3),
          storedBitsPerWeight(OVERVIEW_SHAPE, terms, transforms).toFixed(3),
          method.source,
        ];
      }),
    ),
  );
  const pages = readdirSync(join(ROOT, "docs", "methods")).filter((file) => !OTHER_PAGES.includes(file));
  const known = [...dataFree, ...calibrated].map(({ name }) => `${name}.md`);
  const unknown = pages.filter((file) => !known.includes(file));
  if (unknown.length > 0) throw new Error(`docs/methods holds pages of no method: ${unknown.join(", ")}`);
}

async function blockTypesTable() {
  const { BLOCK_TYPES } = await coreModule("blocks");
  const what = (term) => `${term.kind}${"bits" in term ? ` ${term.bits}-bit` : ""}`;
  const rows = Object.values(BLOCK_TYPES).map((type) => [
    type.name,
    type.id,
    `${type.weights} / ${type.bytes}`,
    (8 * type.bytes) / type.weights,
    what(type.layout(1, type.weights)),
    type.pack ? "yes" : "",
    type.encode ? "yes" : "",
  ]);
  fillSection(
    join("docs", "formats", "gguf.md"),
    "block-types",
    table(["type", "number", "weights / bytes", "bits per weight", "read as", "written exactly", "encoded"], rows),
  );
}

function commandPage() {
  const cli = join(ROOT, "packages", "cli", "dist", "main.js");
  const help = (args) =>
    execFileSync(process.execPath, [cli, ...args, "--help"], {
      encoding: "utf8",
      env: { ...toolEnvironment(), NO_COLOR: "1", COLUMNS: "110" },
    }).trimEnd();
  const overview = help([]);
  const commands = [...overview.slice(overview.indexOf("Commands:")).matchAll(/^ {2}(\w+)/gm)]
    .map((match) => match[1])
    .filter((name) => name !== "help");
  const subcommands = { bench: ["roofline", "kernels", "quantize", "lm", "quality"] };
  const calls = commands.flatMap((name) => [[name], ...(subcommands[name] ?? []).map((sub) => [name, sub])]);
  const sections = calls.map((call) => `### lowbit ${call.join(" ")}\n\n\`\`\`text\n${help(call)}\n\`\`\`\n`);
  fillSection(join("docs", "cli.md"), "help", `\`\`\`text\n${overview}\n\`\`\`\n\n${sections.join("\n")}`);
}

/**
 * Bits are the same on every machine. The last digits of perplexity and KL may differ, and of weight errors where a method
 * read statistics.
 */
const FLOAT_TOLERANCE = 0.002;

function sameResults(before, now) {
  const cells = (text) => text.split("|").map((cell) => cell.trim());
  const [old, fresh] = [cells(before), cells(now)];
  return (
    old.length === fresh.length &&
    old.every((cell, i) => cell === fresh[i] || (isMeasured(fresh, i) && isNear(Number(cell), Number(fresh[i]))))
  );
}

/** The last three cells of a row; behind them stands the line break before the next row. */
function isMeasured(cells, i) {
  return cells.slice(i + 1, i + 4).includes("");
}

function isNear(a, b) {
  return Math.abs(a - b) <= FLOAT_TOLERANCE * Math.abs(b);
}

/** The table of `npm run demo` without its seconds. */
function resultsTable() {
  const folder = mkdtempSync(join(tmpdir(), "lowbit-results-"));
  try {
    const rows = [["none", "", "16", "16", "16", "", evaluateBundledModel().mean.toFixed(2), "0"]];
    for (const run of quantizeBundledModel(folder)) {
      rows.push([
        `\`${run.method}\``,
        run.options === "" ? "" : `\`${run.options}\``,
        run.claimedBitsPerWeight.toFixed(3),
        run.storedBitsPerWeight.toFixed(3),
        run.modelBitsPerWeight.toFixed(3),
        run.sqnrDb.toFixed(2),
        run.perplexity.toFixed(2),
        run.kl.toPrecision(3),
      ]);
    }
    const titles = ["method", "options", "claimed bpw", "stored bpw", "model bpw", "SQNR dB", "perplexity", "KL"];
    const intro =
      "The bundled model (`examples/tiny-llama`, 5.2 M parameters, bf16) quantized and evaluated by `npm run demo`:";
    fillSection("README.md", "results", `${intro}\n\n${table(titles, rows)}`, sameResults);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await errorsPage();
await methodPages();
await blockTypesTable();
commandPage();
resultsTable();
for (const file of stale) console.error(`${file} is out of date: run node scripts/generate-docs.mjs`);
if (check) console.log(stale.length === 0 ? "generated documents are up to date" : `${stale.length} out of date`);
process.exit(stale.length === 0 ? 0 : 1);

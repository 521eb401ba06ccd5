// node scripts/readme-tables.mjs [--check], in packages/vscode-ext: the tables of commands and settings in README.md, from
// package.json. With --check it writes nothing and fails when they are not current.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const README = join(PACKAGE, "README.md");
const texts = JSON.parse(readFileSync(join(PACKAGE, "package.nls.json"), "utf8"));
const { contributes } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));

const text = (value) => (value?.startsWith("%") ? texts[value.slice(1, -1)] : value) ?? "";
const cell = (value) => value.replaceAll("|", "\\|").replaceAll("\n", " ");
const row = (...cells) => `| ${cells.map(cell).join(" | ")} |`;

const commands = contributes.commands.map(({ command, title, category }) => {
  const { key } = contributes.keybindings.find((binding) => binding.command === command) ?? {};
  return row(`${category}: ${text(title)}`, `\`${command}\``, key ? `\`${key}\`` : "");
});
const settings = Object.entries(contributes.configuration.properties)
  .sort(([, a], [, b]) => a.order - b.order)
  .map(([name, setting]) => {
    const help = text(setting.markdownDescription ?? setting.description);
    const choices = (setting.enum ?? []).map((value, at) => `\`${value}\`: ${text(setting.enumDescriptions?.[at])}`);
    return row(`\`${name}\``, `\`${JSON.stringify(setting.default)}\``, [help, ...choices].join(" "));
  });

const fill = (readme, name, head, rows) =>
  readme.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`),
    (_, begin, end) => `${begin}\n${head}\n${rows.join("\n")}\n\n${end}`,
  );
const readme = readFileSync(README, "utf8");
const current = fill(
  fill(readme, "commands", "| command | id | keys |\n|---|---|---|", commands),
  "settings",
  "| setting | default | |\n|---|---|---|",
  settings,
);

if (!process.argv.includes("--check")) {
  writeFileSync(README, current);
} else if (current !== readme) {
  console.error("the tables of README.md are not those of package.json; run: node scripts/readme-tables.mjs");
  process.exit(1);
}

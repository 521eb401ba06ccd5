import { foldEqualModules, moduleTree, storageTotals } from "@lowbit/core/analysis";
import { LowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { type LogicalRow, logicalRows } from "@lowbit/core/layouts";
import { findCheckpointProblems } from "@lowbit/core/node";
import { type Command, Option } from "commander";
import { EXIT_CODES } from "../exit-codes.js";
import { openNamedCheckpoint } from "../hub/open-named-checkpoint.js";
import { ggufJson, ggufSummary } from "../inspect/gguf-summary.js";
import { bitsPerWeight, type SortKey, sortRows } from "../inspect/sort-rows.js";
import { treeLines } from "../inspect/tree-lines.js";
import { weightTable } from "../inspect/weight-table.js";
import { csvOption, printCsv } from "../output/csv.js";
import { printJson } from "../output/json.js";
import { printable } from "../output/printable.js";
import { formatBytes, formatCount, formatNumber, formatShape } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { type Column, renderTable } from "../output/table.js";
import { selectByName } from "../tensor-glob.js";

interface InspectOptions {
  readonly tensor?: string;
  readonly sort: SortKey;
  readonly tree?: boolean;
  readonly all?: boolean;
  readonly validate?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `lowbit inspect PATH`: what is inside, from the headers alone. */
export function declareInspect(program: Command): void {
  program
    .command("inspect")
    .description("list tensors and quantized weights with their size and bits per weight")
    .argument("<path>", "a .safetensors or .gguf file, a shard index, a model directory, or hf:owner/name")
    .option("--tensor <glob>", "only names that match, * stands for anything")
    .addOption(
      new Option("--sort <key>", "order of the table").choices(["name", "bytes", "parameters", "bpw"]).default("name"),
    )
    .addOption(new Option("--tree", "a tree of modules with totals; equal layers once").conflicts("json"))
    .option("--all", "in the tree, every layer, also where they are equal")
    .addOption(
      new Option("--validate", "list every problem of the headers instead; exit code 1 when there is one").conflicts([
        "tensor",
        "sort",
        "tree",
      ]),
    )
    .option("--json", "print JSON")
    .addOption(csvOption().conflicts(["json", "tree", "validate"]))
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit inspect model/\n  lowbit inspect model/ --tree\n  lowbit inspect model.safetensors --tensor '*mlp*' --sort bytes\n  lowbit inspect model/ --csv > weights.csv\n  lowbit inspect model/ --validate\n  lowbit inspect model-Q4_K_M.gguf\n  lowbit inspect hf:owner/name:model-Q4_K_M.gguf",
    )
    .action(async (path: string, options: InspectOptions) => {
      await (options.validate ? validate(path, options) : inspect(path, options));
    });
}

async function inspect(path: string, options: InspectOptions): Promise<void> {
  if (options.all && !options.tree) {
    throw new LowbitError("options/command-line", "--all needs --tree, whose equal layers it unfolds.", {
      missing: "--tree",
    });
  }
  const checkpoint = await openNamedCheckpoint(path);
  try {
    const rows = sortRows(selectByName(logicalRows(checkpoint), options.tensor), options.sort);
    if (options.csv) {
      printCsv(weightTable(rows));
      return;
    }
    if (options.json) {
      printJson({
        path,
        shards: checkpoint.shards,
        metadata: checkpoint.metadata,
        ...(isGgufCheckpoint(checkpoint) ? { gguf: ggufJson(checkpoint) } : {}),
        weights: rows.map((row) => ({ ...row, bitsPerWeight: bitsPerWeight(row) })),
        totals: storageTotals(rows),
      });
      return;
    }
    console.log(options.tree ? renderTree(rows, options.all ?? false) : renderRows(rows));
    console.log(`\n${renderTotals(rows, checkpoint.shards.length)}`);
    for (const note of renderNotes(rows)) console.log(`\n${note}`);
    if (isGgufCheckpoint(checkpoint)) console.log(`\n${ggufSummary(checkpoint).join("\n")}`);
  } finally {
    await checkpoint.close();
  }
}

async function validate(path: string, options: InspectOptions): Promise<void> {
  const files = await findCheckpointProblems(path);
  const count = files.reduce((sum, { problems }) => sum + problems.length, 0);
  if (options.json) printJson({ path, valid: count === 0, files });
  else {
    for (const { file, problems } of files) {
      if (problems.length === 0) console.log(`${paint("green", "ok")}  ${printable(file)}`);
      for (const { code, message } of problems)
        console.log(`${paint("red", "bad")} ${printable(file)}: [${code}] ${printable(message)}`);
    }
  }
  if (count > 0) process.exitCode = EXIT_CODES.difference;
}

const FIGURES: readonly Column[] = [
  { title: "parameters", align: "right" },
  { title: "bytes", align: "right" },
  { title: "bits/weight", align: "right" },
];

function figures(totals: { readonly parameters: number; readonly bytes: number }): string[] {
  return [formatCount(totals.parameters), formatBytes(totals.bytes), formatNumber(bitsPerWeight(totals), 3)];
}

function renderRows(rows: readonly LogicalRow[]): string {
  const columns: Column[] = [{ title: "name" }, { title: "storage" }, { title: "shape", align: "right" }, ...FIGURES];
  return renderTable(
    columns,
    rows.map((row) => [row.name, row.storage, formatShape(row.shape), ...figures(row)]),
  );
}

/** What to know of how weights were read, once for all that it is true of. */
function renderNotes(rows: readonly LogicalRow[]): string[] {
  const counts = new Map<string, number>();
  for (const note of rows.flatMap(({ notes }) => notes ?? [])) counts.set(note, (counts.get(note) ?? 0) + 1);
  return [...counts].map(
    ([note, count]) => `${paint("yellow", "note")} ${printable(note)} (${count} ${count === 1 ? "weight" : "weights"})`,
  );
}

function renderTree(rows: readonly LogicalRow[], all: boolean): string {
  const tree = moduleTree(rows);
  const columns: Column[] = [{ title: "module" }, { title: "storage" }, { title: "shape", align: "right" }, ...FIGURES];
  return renderTable(
    columns,
    treeLines(all ? tree : foldEqualModules(tree)).map(({ text, node }) => [
      text,
      node.row?.storage ?? "",
      node.row ? formatShape(node.row.shape) : "",
      ...figures(node),
    ]),
  );
}

function renderTotals(rows: readonly LogicalRow[], shardCount: number): string {
  const { byStorage, total } = storageTotals(rows);
  const lines = byStorage.map(({ storage, ...totals }) => [storage, String(totals.count), ...figures(totals)]);
  const columns: Column[] = [{ title: "storage" }, { title: "count", align: "right" }, ...FIGURES];
  const files = shardCount === 1 ? "1 file" : `${shardCount} files`;
  return renderTable(columns, lines, [`total, ${files}`, String(total.count), ...figures(total)]);
}

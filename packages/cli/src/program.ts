import { readFileSync } from "node:fs";
import { Command } from "commander";
import { declareBench } from "./commands/bench.js";
import { declareCalibrate } from "./commands/calibrate.js";
import { declareCompare } from "./commands/compare.js";
import { declareConvert } from "./commands/convert.js";
import { declareDequantize } from "./commands/dequantize.js";
import { declareDoctor } from "./commands/doctor.js";
import { declareEvaluate } from "./commands/evaluate.js";
import { declareGenerate } from "./commands/generate.js";
import { declareInspect } from "./commands/inspect.js";
import { declareMethods } from "./commands/methods.js";
import { declareQuantize } from "./commands/quantize.js";
import { declareStats } from "./commands/stats.js";
import { declareTransform } from "./commands/transform.js";
import { fetchHubArguments } from "./hub/fetch-hub-arguments.js";

/** The command line: every command with its options, examples and action. */
export function createProgram(): Command {
  const program = new Command("lowbit")
    .description("Look at and quantize language models to 1-8 bits: no Python, no GPU.")
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError("(add --help for options and examples)")
    .addHelpText("after", "\nA model may also be one of the Hugging Face Hub: hf:owner/name[@revision][:file.gguf].")
    .hook("preAction", (_program, command) => fetchHubArguments(command));
  for (const declare of [
    declareInspect,
    declareStats,
    declareTransform,
    declareQuantize,
    declareCompare,
    declareConvert,
    declareDequantize,
    declareEvaluate,
    declareGenerate,
    declareCalibrate,
    declareMethods,
    declareBench,
    declareDoctor,
  ]) {
    declare(program);
  }
  return program;
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}

import {
  CALIBRATED_QUANTIZERS,
  describeAllowed,
  type Method,
  type MethodTable,
  methodNamed,
  type OptionSpec,
  QUANTIZERS,
  resolveOptions,
  type StatisticKind,
} from "@lowbit/core/quantizers";
import type { Command } from "commander";
import { printJson } from "../output/json.js";
import { paint } from "../output/style.js";
import { renderTable } from "../output/table.js";
import { optionFlag } from "./method-options.js";

/** `lowbit methods [NAME]`: the methods and the options of one. */
export function declareMethods(program: Command): void {
  program
    .command("methods")
    .description("list the quantization methods, or the options of one")
    .argument("[name]", "method")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  lowbit methods\n  lowbit methods hqq")
    .action((name: string | undefined, options: { json?: boolean }) => {
      const chosen = name === undefined ? Object.values(ALL) : [methodNamed(name, ALL)];
      if (options.json) {
        printJson(
          chosen.map((method) => {
            const { name, summary, source, options } = method;
            return { name, summary, source, needs: defaultNeeds(method), options };
          }),
        );
        return;
      }
      if (name === undefined) {
        const rows = chosen.map((method) => [method.name, method.summary, needsText(method), method.source]);
        const titles = ["method", "what it does", "needs", "source"];
        console.log(
          renderTable(
            titles.map((title) => ({ title })),
            rows,
          ),
        );
        return;
      }
      const [method] = chosen;
      console.log(`${paint("bold", method!.name)}  ${method!.summary}\n${paint("dim", method!.source)}\n`);
      const needs = needsText(method!);
      if (needs !== "") {
        console.log(`Needs with its default options: ${needs}, from --calibrate TEXT or --statistics FILE.\n`);
      }
      const rows = Object.entries(method!.options as Record<string, OptionSpec>).map(([key, spec]) => [
        optionFlag(key),
        describeAllowed(spec),
        String(spec.default),
        spec.help,
      ]);
      console.log(
        renderTable([{ title: "option" }, { title: "allowed" }, { title: "default" }, { title: "meaning" }], rows),
      );
    });
}

const ALL: MethodTable = { ...QUANTIZERS, ...CALIBRATED_QUANTIZERS };

/** Statistics that a method needs with its default options. */
function defaultNeeds(method: Method): readonly StatisticKind[] {
  return "quantizeLayer" in method ? method.needs(resolveOptions(method, {})) : [];
}

function needsText(method: Method): string {
  return defaultNeeds(method).join(", ");
}

import { LowbitError } from "@lowbit/core/errors";
import { describeAllowed, type OptionSpec, QUANTIZERS } from "@lowbit/core/quantizers";
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
      const chosen = name === undefined ? Object.values(QUANTIZERS) : [methodByName(name)];
      if (options.json) {
        printJson(
          chosen.map(({ name, summary, source, needs, options }) => ({ name, summary, source, needs, options })),
        );
        return;
      }
      if (name === undefined) {
        const rows = chosen.map(({ name, summary, source }) => [name, summary, source]);
        console.log(renderTable([{ title: "method" }, { title: "what it does" }, { title: "source" }], rows));
        return;
      }
      const [method] = chosen;
      console.log(`${paint("bold", method!.name)}  ${method!.summary}\n${paint("dim", method!.source)}\n`);
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

function methodByName(name: string) {
  const method = Object.values(QUANTIZERS).find((candidate) => candidate.name === name);
  if (method) return method;
  throw new LowbitError(
    "options/unknown-method",
    `No method is called "${name}"; there are ${Object.keys(QUANTIZERS).join(", ")}.`,
    {
      found: name,
      allowed: Object.keys(QUANTIZERS),
    },
  );
}

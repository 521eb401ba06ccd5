import { CALIBRATED_QUANTIZERS, type OptionSpec, QUANTIZERS } from "@lowbit/core/quantizers";
import { type Command, Option } from "commander";

/** "scaleDtype" → "--scale-dtype". */
export function optionFlag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds the options of all methods to a command, each once, with the methods that have it. */
export function addMethodOptions(command: Command): Command {
  for (const [key, uses] of optionUses()) {
    const option = new Option(`${optionFlag(key)} <value>`, describeUses(uses));
    command.addOption(option.helpGroup("Method options:"));
  }
  return command;
}

/** Of the parsed options of a command, those that belong to methods and were given. */
export function givenMethodOptions(parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = optionUses();
  return Object.fromEntries(Object.entries(parsed).filter(([key, value]) => keys.has(key) && value !== undefined));
}

interface OptionUse {
  readonly method: string;
  readonly spec: OptionSpec;
}

/** What the option means, per method where that differs, and the default of each. */
function describeUses(uses: readonly OptionUse[]): string {
  const byHelp = [...Map.groupBy(uses, ({ spec }) => spec.help)];
  const meanings = byHelp.map(([help, members]) =>
    byHelp.length === 1 ? help : `${members.map(({ method }) => method).join(", ")}: ${help}`,
  );
  return `${meanings.join(" ")} (defaults: ${uses.map(({ method, spec }) => `${method} ${spec.default}`).join(", ")})`;
}

function optionUses(): Map<string, OptionUse[]> {
  const uses = new Map<string, OptionUse[]>();
  for (const { name, options } of [...Object.values(QUANTIZERS), ...Object.values(CALIBRATED_QUANTIZERS)]) {
    for (const [key, spec] of Object.entries(options as Record<string, OptionSpec>)) {
      uses.set(key, [...(uses.get(key) ?? []), { method: name, spec }]);
    }
  }
  return uses;
}

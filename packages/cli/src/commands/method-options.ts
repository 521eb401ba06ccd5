import { type OptionSpec, QUANTIZERS } from "@lowbit/core/quantizers";
import { type Command, Option } from "commander";

/** "scaleDtype" → "--scale-dtype". */
export function optionFlag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Adds the options of all methods to a command, each once, with the methods that have it. */
export function addMethodOptions(command: Command): Command {
  for (const [key, uses] of optionUses()) {
    const [first] = uses;
    const methods = uses.map(({ method, spec }) => `${method} ${spec.default}`).join(", ");
    const option = new Option(`${optionFlag(key)} <value>`, `${first!.spec.help} (defaults: ${methods})`);
    command.addOption(option.helpGroup("Method options:"));
  }
  return command;
}

/** Of the parsed options of a command, those that belong to methods and were given. */
export function givenMethodOptions(parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = optionUses();
  return Object.fromEntries(Object.entries(parsed).filter(([key, value]) => keys.has(key) && value !== undefined));
}

function optionUses(): Map<string, { method: string; spec: OptionSpec }[]> {
  const uses = new Map<string, { method: string; spec: OptionSpec }[]>();
  for (const { name, options } of Object.values(QUANTIZERS)) {
    for (const [key, spec] of Object.entries(options as Record<string, OptionSpec>)) {
      uses.set(key, [...(uses.get(key) ?? []), { method: name, spec }]);
    }
  }
  return uses;
}

import { LowbitError } from "@lowbit/core/errors";
import { Option } from "commander";
import { decimalNumber } from "./number-option.js";

/** Flags of `lowbit quantize --target-bpw`. */
export interface TargetFlags {
  readonly targetBpw?: number;
  readonly candidates?: string;
  readonly heldOut?: string;
  readonly measured?: string;
}

/** Options of `lowbit quantize` for mixed precision. */
export function targetOptions(): readonly Option[] {
  return [
    new Option(
      "--target-bpw <bits>",
      "instead of --method: choose a method for every linear layer so that the loss grows least and all of them together store at most so many bits per weight; needs --calibrate or --statistics",
    )
      .conflicts(["method", "recipe", "tokens"])
      .argParser(decimalNumber((bits) => bits > 0 && bits <= 32, "a number above 0, at most 32"))
      .helpGroup("Mixed precision:"),
    new Option(
      "--candidates <file>",
      'JSON list of {"method": NAME, "options": {…}} to choose from (default: 17 of 1.1 to 8 bits: gptq, gptqt and arb-llm)',
    ).helpGroup("Mixed precision:"),
    new Option(
      "--held-out <file>",
      "text to measure the loss increase on afterwards (default: the last tenth of --calibrate, from which no sample is taken then)",
    ).helpGroup("Mixed precision:"),
    new Option(
      "--measured <file>",
      "JSON file that keeps what was measured of the candidates, so that another target need not measure again",
    ).helpGroup("Mixed precision:"),
  ];
}

/** With a target the options of methods come from the candidates. */
export function refuseMethodOptions(given: Readonly<Record<string, unknown>>): void {
  refuseOptions(given, (option) => {
    return `--target-bpw chooses the options of methods itself; "${option}" is given. Name what it may choose from with --candidates.`;
  });
}

/** With a layout and without a method there is nothing that has options. */
export function refuseOptionsWithoutMethod(given: Readonly<Record<string, unknown>>): void {
  refuseOptions(given, (option) => `"${option}" is about methods; with --format it needs --method NAME.`);
}

function refuseOptions(given: Readonly<Record<string, unknown>>, message: (option: string) => string): void {
  const [option] = Object.keys(given);
  if (option !== undefined) throw new LowbitError("options/command-line", message(option), { option });
}

/** @throws `options/command-line` for options of `--target-bpw` without it */
export function refuseTargetOptions({ candidates, heldOut, measured }: TargetFlags): void {
  const given = Object.entries({ "--candidates": candidates, "--held-out": heldOut, "--measured": measured }).find(
    ([, value]) => value !== undefined,
  );
  if (given === undefined) return;
  throw new LowbitError("options/command-line", `${given[0]} is about --target-bpw, which is not given.`, {
    option: given[0],
    missing: "--target-bpw",
  });
}

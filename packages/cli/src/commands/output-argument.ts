import { InvalidArgumentError } from "commander";

/** `<out>`: without the slash at its end that shells complete, because the unfinished output lies beside it. */
export function parseOutput(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is a path.");
  return text.replace(/(?<=[^/\\])[/\\]+$/, "");
}

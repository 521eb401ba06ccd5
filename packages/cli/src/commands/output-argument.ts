import { InvalidArgumentError } from "commander";

/** `<out>` of a safetensors model: see `parseAnyOutput`. */
export function parseOutput(text: string): string {
  const output = parseAnyOutput(text);
  if (output.endsWith(".gguf")) throw new InvalidArgumentError("lowbit convert writes GGUF files.");
  return output;
}

/** `<out>`: without the slash at its end that shells complete, because the unfinished output lies beside it. */
export function parseAnyOutput(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is a path.");
  return text.replace(/(?<=[^/\\])[/\\]+$/, "");
}

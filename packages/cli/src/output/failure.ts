import { ERROR_CODES, type ErrorCode, type ErrorFacts, isLowbitError } from "@lowbit/core/errors";
import { CommanderError } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.js";
import { printable } from "./printable.js";
import { paintError } from "./style.js";

const ABORTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "pipeline/aborted",
  "analysis/aborted",
  "generate/aborted",
  "evaluate/aborted",
  "calibration/aborted",
  "hub/aborted",
]);
/** What commands that go on where they were cancelled say then. */
const RESUMABLE: ReadonlyMap<string | undefined, string> = new Map([
  ["quantize", "What is complete is kept; the same command with --resume goes on.\n"],
  ["dequantize", "What is complete is kept; the same command with --resume goes on.\n"],
  [
    "convert",
    "What is complete of a GGUF output is kept; the same command with --resume goes on. Other layouts start again.\n",
  ],
]);

/**
 * Tells people (standard error) or programs (`--json`: one JSON object on standard output) what went wrong, and returns
 * the exit code. An error that is not ours is a bug of ours: its stack is printed.
 */
export function reportFailure(
  error: unknown,
  options: { readonly json: boolean; readonly command?: string | undefined },
): ExitCode {
  if (error instanceof CommanderError) return reportCommandLine(error, options);
  if (!isLowbitError(error)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.stderr.write("This is a bug in lowbit; please report it with the lines above.\n");
    return EXIT_CODES.failure;
  }
  const { code, message, facts } = error;
  if (options.json) printJsonError(code, message, facts);
  else if (ABORTED.has(code)) {
    const next = howToGoOn(code, options.command);
    process.stderr.write(`${paintError("yellow", "cancelled")} [${code}]\n${next}`);
  } else {
    const { remedy } = ERROR_CODES[code];
    process.stderr.write(
      `${paintError("red", "error")} [${code}] ${printable(message)}\n${paintError("dim", "→")} ${remedy}\n`,
    );
  }
  if (ABORTED.has(code)) return EXIT_CODES.interrupted;
  return code.startsWith("options/") ? EXIT_CODES.usage : EXIT_CODES.failure;
}

function howToGoOn(code: ErrorCode, command: string | undefined): string {
  if (code === "hub/aborted") return "What was downloaded is kept; the same command goes on.\n";
  return RESUMABLE.get(command) ?? "";
}

/** commander has printed its message, or the help, already. */
function reportCommandLine({ code, message, exitCode }: CommanderError, { json }: { json: boolean }): ExitCode {
  if (exitCode === 0) return EXIT_CODES.ok;
  if (json && code !== "commander.help") printJsonError("options/command-line", message.replace(/^error: /, ""), {});
  return EXIT_CODES.usage;
}

function printJsonError(code: ErrorCode, message: string, facts: ErrorFacts): void {
  const { remedy } = ERROR_CODES[code];
  process.stdout.write(`${JSON.stringify({ error: { code, message, remedy, facts } }, undefined, 2)}\n`);
}

import { ERROR_CODES, isLowbitError } from "@lowbit/core/errors";
import { CommanderError } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.js";
import { paintError } from "./style.js";

/**
 * Tells people (standard error) or programs (`--json`: one JSON object on standard output) what went wrong, and returns
 * the exit code. An error that is not ours is a bug of ours: its stack is printed.
 */
export function reportFailure(error: unknown, options: { readonly json: boolean }): ExitCode {
  // commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (!isLowbitError(error)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.stderr.write("This is a bug in lowbit; please report it with the lines above.\n");
    return EXIT_CODES.failure;
  }
  const { code, message, facts } = error;
  const { remedy } = ERROR_CODES[code];
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, remedy, facts } }, undefined, 2)}\n`);
  } else {
    process.stderr.write(`${paintError("red", "error")} [${code}] ${message}\n${paintError("dim", "→")} ${remedy}\n`);
  }
  if (code === "pipeline/aborted" || code === "analysis/aborted") return EXIT_CODES.interrupted;
  return code.startsWith("options/") ? EXIT_CODES.usage : EXIT_CODES.failure;
}

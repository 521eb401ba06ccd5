import type { ExitCode } from "./exit-codes.js";
import { reportFailure } from "./output/failure.js";
import { createProgram } from "./program.js";

/** Runs the command line of this process; the exit code where it failed, else what the command has set. */
export async function run(): Promise<ExitCode | undefined> {
  // A reader that has seen enough (`| head`) is no failure; what is still written goes nowhere.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    await createProgram().parseAsync();
    return process.exitCode as ExitCode | undefined;
  } catch (error) {
    return reportFailure(error, { json: process.argv.includes("--json"), command: process.argv[2] });
  }
}

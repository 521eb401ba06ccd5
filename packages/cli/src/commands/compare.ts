import type { BackendName } from "@lowbit/core/backend";
import { type Command, InvalidArgumentError } from "commander";
import { backendOption, threadsOption } from "../backend-choice.js";
import { EXIT_CODES } from "../exit-codes.js";
import { interruptSignal } from "../interrupt.js";
import { csvOption, printCsv } from "../output/csv.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { comparisonTable } from "../quantize/comparison-table.js";
import { renderComparison } from "../quantize/render-comparison.js";
import { runCompare } from "../quantize/run-compare.js";

interface CompareFlags {
  readonly tensor?: string;
  readonly tolerance: number;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `lowbit compare A B`: structure, then the error of every weight. */
export function declareCompare(program: Command): void {
  program
    .command("compare")
    .description("compare two checkpoints weight by weight; either may be quantized")
    .argument("<a>", "the original")
    .argument("<b>", "the other one")
    .option("--tensor <glob>", "only weights that match, * stands for anything")
    .option(
      "--tolerance <error>",
      "largest relative squared error of a weight that counts as equal; beyond it the exit code is 1",
      parseTolerance,
      0,
    )
    .addOption(threadsOption())
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addOption(csvOption().conflicts("json"))
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit compare model/ model-q4\n  lowbit compare model/ model-q4 --tolerance 0.01 --tensor '*mlp*'\n  lowbit compare model/ model-q4 --csv > errors.csv",
    )
    .action(async (left: string, right: string, flags: CompareFlags) => {
      const progress = createProgressDisplay();
      try {
        const { tensor, backend, tolerance, threads } = flags;
        const answer = await runCompare({
          left,
          right,
          tolerance,
          threads,
          ...(tensor !== undefined && { tensor }),
          ...(backend !== undefined && { backend }),
          signal: interruptSignal(),
          onProgress: ({ tensor: label, doneBytes, totalBytes }) =>
            progress.update({ label, done: doneBytes, total: totalBytes }),
        });
        progress.finish();
        if (flags.json) printJson(answer);
        else if (flags.csv) printCsv(comparisonTable(answer));
        else console.log(renderComparison(answer, tolerance));
        if (answer.differs) process.exitCode = EXIT_CODES.difference;
      } finally {
        progress.finish();
      }
    });
}

function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0) return value;
  throw new InvalidArgumentError("It is a number from 0 on.");
}

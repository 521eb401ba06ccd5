import type { BackendName } from "@lowbit/core/backend";
import { type Command, Option } from "commander";
import { backendOption, threadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { formatBytes, formatSeconds } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { DEQUANTIZED_DTYPES, runDequantize } from "../quantize/run-dequantize.js";
import { parseOutput } from "./output-argument.js";
import { parseSize } from "./size-option.js";

interface DequantizeFlags {
  readonly dtype: keyof typeof DEQUANTIZED_DTYPES;
  readonly maxShardSize?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly json?: boolean;
}

/** `lowbit dequantize IN OUT`: back to plain tensors under the original names. */
export function declareDequantize(program: Command): void {
  program
    .command("dequantize")
    .description("turn a quantized checkpoint back into plain tensors that any program loads")
    .argument("<in>", "a checkpoint that lowbit wrote")
    .argument("<out>", "a new directory, or a new .safetensors file", parseOutput)
    .addOption(new Option("--dtype <dtype>", "of the values").choices(Object.keys(DEQUANTIZED_DTYPES)).default("bf16"))
    .option("--max-shard-size <size>", "split the output into files of at most this size (default: 5GB)", parseSize)
    .option("--resume", "go on with the unfinished output of an earlier run")
    .option("--force", "replace an existing output, once the new one is complete")
    .addOption(threadsOption())
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  lowbit dequantize model-q4 model-q4-bf16 --dtype bf16")
    .action(async (input: string, output: string, flags: DequantizeFlags) => {
      const progress = createProgressDisplay();
      try {
        const { dtype, maxShardSize, resume = false, force = false, threads, backend } = flags;
        const report = await runDequantize({
          input,
          output,
          dtype,
          resume,
          force,
          threads,
          ...(maxShardSize !== undefined && { maxShardBytes: maxShardSize }),
          ...(backend !== undefined && { backend }),
          signal: interruptSignal(),
          onProgress: ({ tensor, doneBytes, totalBytes }) =>
            progress.update({ label: tensor, done: doneBytes, total: totalBytes }),
        });
        progress.finish();
        if (flags.json) printJson(report);
        else {
          console.log(
            `${paint("green", "Wrote")} ${output}: ${report.dequantizedWeights} weights as ${DEQUANTIZED_DTYPES[dtype]}, ${formatBytes(report.outputBytes)}, in ${formatSeconds(report.seconds)}.`,
          );
        }
      } finally {
        progress.finish();
      }
    });
}

import { rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import {
  type BackendModule,
  forecastQuantization,
  type QuantizationSettings,
  quantizeCheckpoint,
} from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import type { QuantizeSettings } from "../../protocol/quantize-messages.js";
import type { EngineSettings } from "../../protocol/settings.js";
import type { DiskWork } from "../environment.js";
import { throwIfCancelled } from "../lane.js";

import { backendChoice } from "./backend-choice.js";
import { pathFiles } from "./path-files.js";
import { quantizeCommand } from "./quantize-command.js";
import { tensorGlob } from "./tensor-glob.js";

const SHOWN_TENSORS = 2000;
const MOST_THREADS = 16;

/** @param base URL of a bundle in dist/, beside which worker threads find theirs */
export function diskWork(base: string): DiskWork {
  // A run that was cancelled cleans up before another may use the same output.
  let last: Promise<unknown> = Promise.resolve();
  return {
    openPath: pathFiles,
    isThere,
    async forecast(input, settings, engine) {
      const { plan, files, threads, peakMemoryBytes, seconds } = await forecastQuantization({
        ...quantization(input, settings),
        backend: backendModule(base, engine),
      });
      const { totals } = plan;
      return {
        quantizedTensors: totals.quantizedTensors,
        keptTensors: totals.tensors - totals.quantizedTensors,
        inputBytes: totals.inputBytes,
        outputBytes: totals.outputBytes,
        bitsPerWeight: totals.bitsPerWeight,
        quantizedBitsPerWeight: totals.quantizedBitsPerWeight,
        claimedBitsPerWeight: totals.claimedBitsPerWeight,
        ...{ seconds, peakMemoryBytes, threads, files },
        tensors: plan.tensors
          .slice(0, SHOWN_TENSORS)
          .map(({ tensor, action, reason, quantization: how, inputBytes, outputBytes }) => ({
            name: tensor.name,
            reason: how === undefined ? reason : settingText(how.method, how.options),
            ...{ action, inputBytes, outputBytes },
          })),
        command: quantizeCommand(input, settings),
      };
    },
    quantize(input, settings, engine, signal, onProgress) {
      const run = last.then(async () => {
        throwIfCancelled(signal);
        // What a run left that ended with the engine is gone on with; what this run leaves when it is cancelled is removed.
        const partial = `${settings.output}.partial`;
        const isBegun = await isThere(partial);
        const report = await quantizeCheckpoint({
          ...quantization(input, settings),
          backend: backendModule(base, engine),
          force: settings.force,
          resume: isBegun && !settings.force,
          signal,
          onProgress: ({ tensor, doneBytes, totalBytes, etaSeconds }) =>
            onProgress({
              label: tensor,
              done: doneBytes,
              total: totalBytes,
              ...(etaSeconds !== undefined && { etaSeconds }),
            }),
        }).catch(async (error: unknown) => {
          if (signal.aborted && !isBegun) await rm(partial, { recursive: true, force: true });
          throw error;
        });
        return {
          output: report.output,
          seconds: report.seconds,
          bitsPerWeight: report.totals.bitsPerWeight,
          sqnrDb: report.error?.sqnrDb ?? Number.NaN,
          quantizedTensors: report.totals.quantizedTensors,
        };
      });
      last = run.catch(() => {});
      return run;
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** "rtn, bits 4, group 32, …": every option with its value. */
function settingText(method: string, options: object): string {
  return [method, ...Object.entries(options).map(([name, value]) => `${name} ${value}`)].join(", ");
}

function quantization(input: string, { method, options, output, keep }: QuantizeSettings): QuantizationSettings {
  const rules = keep.map((pattern) => ({
    origin: `--skip "${pattern}"`,
    matches: tensorGlob(pattern),
    action: { kind: "keep" as const },
  }));
  return {
    input,
    output,
    plan: { method, options, rules },
    quantizers: QUANTIZERS,
    threads: Math.min(MOST_THREADS, availableParallelism()),
  };
}

function backendModule(base: string, engine: EngineSettings): BackendModule {
  return {
    module: new URL("./engine-backend.mjs", base).href,
    exportName: "createBackend",
    argument: backendChoice(engine),
  };
}

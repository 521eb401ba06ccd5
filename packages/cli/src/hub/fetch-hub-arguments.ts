import { fetchHubModel, isHubReference } from "@lowbit/core/node";
import type { Command } from "commander";
import { printable } from "../output/printable.js";
import { createProgressDisplay } from "../output/progress.js";
import { paintError } from "../output/style.js";

/** Names of the arguments and options that take a model, over all commands. */
const MODEL_ARGUMENTS: ReadonlySet<string> = new Set(["path", "model", "in", "a", "b"]);
const MODEL_OPTIONS = ["against", "models"] as const;

/** Reads headers where they are and downloads nothing. */
const READS_RANGES: ReadonlySet<string> = new Set(["inspect"]);

/**
 * Before a command runs: downloads the models that its command line names as `hf:owner/name`, and puts the paths of the
 * copies in their place.
 */
export async function fetchHubArguments(command: Command): Promise<void> {
  if (READS_RANGES.has(command.name())) return;
  const values: unknown[] = command.processedArgs;
  for (const [index, argument] of command.registeredArguments.entries()) {
    if (MODEL_ARGUMENTS.has(argument.name())) values[index] = await fetched(values[index]);
  }
  for (const name of MODEL_OPTIONS) {
    const value: unknown = command.getOptionValue(name);
    if (isNamed(value) || (Array.isArray(value) && value.some(isNamed))) {
      command.setOptionValue(name, await fetched(value));
    }
  }
}

function isNamed(value: unknown): value is string {
  return typeof value === "string" && isHubReference(value);
}

async function fetched(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) {
    const paths: unknown[] = [];
    for (const one of value) paths.push(await fetched(one));
    return paths;
  }
  return isNamed(value) ? fetchOne(value) : value;
}

async function fetchOne(reference: string): Promise<string> {
  const progress = createProgressDisplay();
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, cancel);
  try {
    return await fetchHubModel(reference, {
      signal: controller.signal,
      onProgress: ({ file, doneBytes, totalBytes }) =>
        progress.update({ label: file, done: doneBytes, total: totalBytes }),
      onNotice: (message) => process.stderr.write(`${paintError("yellow", "notice")} ${printable(message)}\n`),
    });
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.removeListener(name, cancel);
    progress.finish();
  }
}

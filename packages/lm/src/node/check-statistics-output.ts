import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isLowbitError, LowbitError } from "@lowbit/core/errors";
import { openFileSource } from "@lowbit/core/node";
import { openFile } from "@lowbit/core/safetensors";
import { STATISTICS_METADATA_KEY } from "../calibration/statistics-schema.js";
import { modelDirectory } from "./open-model.js";

/**
 * Refuses, before any work, an output that cannot be written or would do harm: in a folder that is not there, in the
 * folder of the model (where it would be read as a shard), in place of anything but statistics.
 * @param model path of the model that the statistics are of
 * @throws `pipeline/output-exists`, `pipeline/not-replaceable`, `pipeline/write-failed`, `calibration/output-in-model`
 */
export async function checkStatisticsOutput(path: string, model: string, force: boolean): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !force) {
    throw new LowbitError("pipeline/output-exists", `${path} exists already.`, { path });
  }
  checkFolder(path, modelDirectory(model));
  if (found === undefined || (found.isFile() && (await holdsStatistics(path)))) return;
  throw new LowbitError(
    "pipeline/not-replaceable",
    `${path} is ${found.isFile() ? "a file that lowbit calibrate did not write" : "no file"}; only statistics are replaced.`,
    { path },
  );
}

function checkFolder(path: string, model: string): void {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new LowbitError(
      "pipeline/write-failed",
      `${path}: cannot be written (${reason}).`,
      { path, reason },
      { cause },
    );
  }
  if (!statSync(model, { throwIfNoEntry: false }) || realpathSync(folder) !== realpathSync(model)) return;
  throw new LowbitError(
    "calibration/output-in-model",
    `${path} would lie in the folder of the model, ${model}, and be read as a part of it.`,
    { path, model },
  );
}

async function holdsStatistics(path: string): Promise<boolean> {
  try {
    const file = await openFile(await openFileSource(path));
    await file.close();
    return [...file.metadata.values()].some((metadata) => STATISTICS_METADATA_KEY in metadata);
  } catch (error) {
    if (isLowbitError(error)) return false;
    throw error;
  }
}

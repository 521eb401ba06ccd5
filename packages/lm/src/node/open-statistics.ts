import { openFileSource } from "@lowbit/core/node";
import { openFile } from "@lowbit/core/safetensors";
import { openStatisticsFile, type StatisticsFile } from "../calibration/statistics-file.js";

/**
 * Opens statistics that `lowbit calibrate` saved, for the model with this fingerprint.
 * @throws `bytes/cannot-open`, `safetensors/…`, and what `openStatisticsFile` throws
 */
export async function openStatistics(path: string, modelFingerprint: string): Promise<StatisticsFile> {
  return openStatisticsFile(await openFile(await openFileSource(path)), modelFingerprint);
}

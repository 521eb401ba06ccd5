import { scanStatistics } from "../analysis/scan-statistics.js";
import { type StatisticsPartial, statisticsSpans } from "../analysis/statistics-partial.js";
import { DTYPES } from "../dtype/dtype-table.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { ScanTask } from "./chunk-task.js";

/** Scans one span of a tensor. */
export function scanChunk(
  { tensor }: ScanTask,
  chunk: number,
  environment: ChunkEnvironment,
): Promise<StatisticsPartial> {
  const { backend, checkpoint, throwIfAborted } = environment;
  return scanStatistics(checkpoint, tensor, spansOf(tensor)[chunk]!, { backend, onProgress: throwIfAborted });
}

export function scanChunkCount({ tensor }: ScanTask): number {
  return spansOf(tensor).length;
}

/** Bytes of a span, for progress. */
export function scanChunkBytes({ tensor }: ScanTask, chunk: number): number {
  const { begin, end } = spansOf(tensor)[chunk]!;
  return ((end - begin) * DTYPES[tensor.dtype].bits) / 8;
}

/** A tensor without elements has one span without elements. */
function spansOf(tensor: ScanTask["tensor"]) {
  const spans = statisticsSpans(tensor);
  return spans.length > 0 ? spans : [{ begin: 0, end: 0 }];
}

import { describeBackend } from "../backend-choice.js";
import type { CalibratedBench } from "../bench/calibrated.js";
import { formatDuration, formatNumber } from "../output/quantities.js";
import { renderTable, right } from "../output/table.js";

/** What `lowbit bench quantize --method` prints. */
export function renderCalibrated(figures: CalibratedBench): string {
  const rows = figures.figures.map(({ name, seconds, cpuSeconds, gigaflops, shareOfMatmul }) => [
    name,
    formatDuration(seconds),
    formatDuration(cpuSeconds),
    formatNumber(gigaflops, 1),
    shareOfMatmul === undefined ? "–" : `${formatNumber(shareOfMatmul * 100, 0)} %`,
  ]);
  return [
    `${figures.method} of a layer of ${figures.size} × ${figures.size}, given its statistics, beside what it is made of; ${describeBackend(figures)}; medians of ${figures.rounds} rounds.`,
    renderTable(
      [{ title: "" }, right("time"), right("CPU time"), right("GFLOP/s"), right("of matmul, by CPU time")],
      rows,
    ),
  ].join("\n\n");
}

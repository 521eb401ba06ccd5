import type { FormatBench } from "../bench/quantize-format.js";
import { formatBytes, formatNumber, formatSeconds } from "../output/quantities.js";
import { type Column, renderTable, right } from "../output/table.js";

const LLAMA_COLUMNS: readonly Column[] = [
  right("llama-quantize"),
  right("ratio"),
  right("ratio without start"),
  { title: "tensors with the same bytes" },
];

/** `lowbit bench quantize --format …` */
export function renderFormatBench({ inputBytes, threads, encoder, formats }: FormatBench): string {
  const hasLlama = formats.some(({ llama }) => llama !== undefined);
  const columns: readonly Column[] = [
    { title: "type" },
    right("process"),
    right("without start"),
    right("input"),
    right("peak memory"),
    ...(hasLlama ? LLAMA_COLUMNS : []),
  ];
  const rows = formats.map(({ format, seconds, workSeconds, bytesPerSecond, peakMemoryBytes, llama }) => [
    format,
    formatSeconds(seconds),
    formatSeconds(workSeconds),
    `${formatBytes(bytesPerSecond)}/s`,
    formatBytes(peakMemoryBytes),
    ...(llama === undefined
      ? []
      : [
          formatSeconds(llama.seconds),
          `${formatNumber(llama.ratio, 2)} ×`,
          `${formatNumber(llama.workRatio, 2)} ×`,
          `${llama.sameTensors} of ${llama.tensors}`,
        ]),
  ]);
  const rounds = formats[0]?.allSeconds.length ?? 0;
  return [
    `File to file, ${formatBytes(inputBytes)} of warm F16 in a GGUF file, --pure, --encoder ${encoder}, ${threads} ${threads === 1 ? "thread" : "threads"}; every run a process; medians of ${rounds} interleaved rounds.`,
    renderTable(columns, rows),
  ].join("\n\n");
}

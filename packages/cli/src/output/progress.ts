import { printable } from "./printable.js";
import { formatBytes, formatSeconds } from "./quantities.js";
import { paintError } from "./style.js";

/** How far a long job is; bytes of input. */
export interface ProgressState {
  /** What is being worked on, usually a tensor name. */
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ProgressDisplay {
  update(state: ProgressState): void;
  /** Clears the line; call it before results are printed and when the job fails. */
  finish(): void;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5_000;
/** Nothing is shown for jobs that are over sooner. */
const QUIET_MS = 1_000;
const BAR_WIDTH = 24;

/**
 * Progress on standard error: one line that is rewritten on a terminal, a plain line every few seconds elsewhere.
 * Standard output carries results only.
 */
export function createProgressDisplay(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): ProgressDisplay {
  const started = now();
  let last = started + QUIET_MS - (stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS);
  let drawn = false;
  return {
    update(state) {
      const time = now();
      const interval = stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
      if (time - last < interval || time - started < QUIET_MS) return;
      last = time;
      const line = describe(state, (time - started) / 1000);
      if (stream.isTTY) {
        const width = Math.max(20, (stream.columns ?? 80) - 1);
        stream.write(`\r\u001b[2K${bar(state)} ${line}`.slice(0, width + 8));
        drawn = true;
      } else {
        stream.write(`${line}\n`);
      }
    },
    finish() {
      if (drawn) stream.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

function describe({ label, doneBytes, totalBytes }: ProgressState, seconds: number): string {
  const share = totalBytes > 0 ? doneBytes / totalBytes : 0;
  const rate = seconds > 0 ? doneBytes / seconds : 0;
  const left = rate > 0 ? formatSeconds((totalBytes - doneBytes) / rate) : "unknown";
  return `${(share * 100).toFixed(0).padStart(3)} %  ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}  ${formatBytes(rate)}/s  ${left} left  ${printable(label)}`;
}

function bar({ doneBytes, totalBytes }: ProgressState): string {
  const filled = totalBytes > 0 ? Math.round((doneBytes / totalBytes) * BAR_WIDTH) : 0;
  return paintError("cyan", "█".repeat(filled)) + paintError("dim", "░".repeat(BAR_WIDTH - filled));
}

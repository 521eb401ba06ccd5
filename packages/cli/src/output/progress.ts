import { printable } from "./printable.js";
import { formatBytes, formatCount, formatSeconds } from "./quantities.js";
import { paintError } from "./style.js";

/** How far a long job is. */
export interface ProgressState {
  /** What is being worked on, usually a tensor name. */
  readonly label: string;
  /** Amount of work, bytes of input unless there is a `unit`. */
  readonly done: number;
  readonly total: number;
  /** What is counted instead of bytes: "samples". */
  readonly unit?: string;
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

function describe({ label, done, total, unit }: ProgressState, seconds: number): string {
  const share = total > 0 ? done / total : 0;
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? formatSeconds((total - done) / rate) : "unknown";
  const amount = (count: number): string => (unit === undefined ? formatBytes(count) : `${formatCount(count)} ${unit}`);
  return `${(share * 100).toFixed(0).padStart(3)} %  ${amount(done)} of ${amount(total)}  ${amount(rate)}/s  ${left} left  ${printable(label)}`;
}

function bar({ done, total }: ProgressState): string {
  const filled = total > 0 ? Math.round((done / total) * BAR_WIDTH) : 0;
  return paintError("cyan", "█".repeat(filled)) + paintError("dim", "░".repeat(BAR_WIDTH - filled));
}

import { LowbitError } from "../errors/index.js";
import type { ErrorSums } from "./error-sums.js";

/**
 * What an unfinished output was begun with, as short texts by name. A run goes on with it only when all are equal:
 * the bytes that are there would differ otherwise.
 */
export type Fingerprint = Readonly<Record<string, string>>;

/** A tensor that is complete in the output, or a staged file, with the figures of the report. */
export interface JournalEntry {
  readonly tensor: string;
  readonly seconds: number;
  readonly errors?: ErrorSums;
  /** What is to be known again of a staged file, as JSON. */
  readonly record?: unknown;
}

export interface Journal {
  readonly fingerprint: Fingerprint;
  readonly entries: readonly JournalEntry[];
  /** Characters of `text` up to the last complete line. */
  readonly completeLength: number;
}

const FORMAT = "lowbit-journal-1";

export function journalHead(fingerprint: Fingerprint): string {
  return `${JSON.stringify({ format: FORMAT, fingerprint })}\n`;
}

export function journalLine(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * Reads a journal. What follows the last line end was being written when the run was killed: it is ignored.
 * Undefined when not even the head is complete: nothing had been done yet.
 * @throws `pipeline/resume-damaged` when a complete line is not one of ours
 */
export function parseJournal(text: string): Journal | undefined {
  const completeLength = text.lastIndexOf("\n") + 1;
  const [head, ...lines] = text.slice(0, completeLength).split("\n").slice(0, -1);
  if (head === undefined) return undefined;
  const { format, fingerprint } = parseLine(head, 1) as { format?: unknown; fingerprint?: Fingerprint };
  if (format !== FORMAT || typeof fingerprint !== "object") throw damaged(1);
  const entries = lines.map((line, index) => {
    const entry = parseLine(line, index + 2) as Partial<JournalEntry>;
    if (typeof entry.tensor !== "string" || typeof entry.seconds !== "number") throw damaged(index + 2);
    return entry as JournalEntry;
  });
  return { fingerprint, entries, completeLength };
}

/** @throws `pipeline/resume-mismatch` naming everything that differs */
export function checkFingerprint(found: Fingerprint, expected: Fingerprint): void {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  const differing = names.filter((name) => found[name] !== expected[name]);
  if (differing.length === 0) return;
  const details = differing.map(
    (name) => `${name} was ${found[name] ?? "absent"}, is now ${expected[name] ?? "absent"}`,
  );
  throw new LowbitError(
    "pipeline/resume-mismatch",
    `The unfinished output differs from this run: ${details.join("; ")}.`,
    {
      differing,
    },
  );
}

function parseLine(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw damaged(number, cause);
  }
  throw damaged(number);
}

function damaged(line: number, cause?: unknown): LowbitError {
  return new LowbitError(
    "pipeline/resume-damaged",
    `Line ${line} of the journal of the unfinished output cannot be read.`,
    { line },
    { cause },
  );
}

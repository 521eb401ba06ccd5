import type { Writable } from "node:stream";
import { printable } from "./printable.js";

/** Text that appears piece by piece on standard output. */
export interface TextStream {
  /** Resolves when the reader has room for more, or is gone. */
  write(text: string): Promise<void>;
  /** Aborted when the reader closed its end (`| head`): there is nobody to write for. */
  readonly closed: AbortSignal;
  /** Stops watching for the reader's end. */
  finish(): void;
}

/** @param isTerminal control characters other than line ends and tabs are shown, not obeyed */
export function textStream(output: Writable = process.stdout, isTerminal: boolean = process.stdout.isTTY): TextStream {
  const closed = new AbortController();
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    closed.abort();
  };
  output.on("error", onError);
  return {
    closed: closed.signal,
    write: (text) =>
      new Promise((resolve) => {
        if (closed.signal.aborted || output.write(isTerminal ? harmless(text) : text)) return resolve();
        const done = (): void => {
          output.off("drain", done);
          closed.signal.removeEventListener("abort", done);
          resolve();
        };
        output.on("drain", done);
        closed.signal.addEventListener("abort", done);
      }),
    finish: () => void output.off("error", onError),
  };
}

function harmless(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((part) => (part === "\n" || part === "\t" ? part : printable(part)))
    .join("");
}

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LowbitError } from "@lowbit/core/errors";

/** The folder of this command, built. */
const BUILT = new URL("../../", import.meta.url);

/** What a command that printed JSON left. */
export type ChildAnswer =
  | { readonly status: "done"; readonly json: unknown; readonly peakMemoryBytes: number }
  | { readonly status: "failed"; readonly code: string; readonly message: string };

/**
 * Runs a command of lowbit with `--json` in a process of its own, so that its peak memory is its own and it may fail.
 * @param signal ends the process
 * @param built the folder with main.js
 * @throws `pipeline/aborted`
 */
export async function runChild(args: readonly string[], signal: AbortSignal, built: URL = BUILT): Promise<ChildAnswer> {
  refuseAborted(signal);
  const reportMemory = new URL("bench/quality/report-peak-memory.js", built).href;
  const main = fileURLToPath(new URL("main.js", built));
  const child = spawn(process.execPath, ["--import", reportMemory, main, ...args, "--json"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", ""];
  for (const [index, stream] of child.stdio.slice(1).entries()) {
    (stream as NodeJS.ReadableStream).setEncoding("utf8").on("data", (text: string) => (texts[index] += text));
  }
  const end = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", end);
  const [stdout, stderr, memory] = await new Promise<readonly string[]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(texts));
  }).finally(() => signal.removeEventListener("abort", end));
  refuseAborted(signal);
  if (child.exitCode === 0) return { status: "done", json: JSON.parse(stdout!), peakMemoryBytes: Number(memory) };
  return { status: "failed", ...failureOf(stdout!, stderr!, child.signalCode ?? `exit code ${child.exitCode}`) };
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new LowbitError("pipeline/aborted", "The measurement was cancelled; finished rows are kept.");
}

/** The error object of `--json`; else how the process ended, with the last line that it wrote. */
function failureOf(stdout: string, stderr: string, ending: string): { code: string; message: string } {
  try {
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    return { code: error.code, message: error.message };
  } catch {
    return { code: ending, message: stderr.trimEnd().split("\n").at(-1) ?? "" };
  }
}

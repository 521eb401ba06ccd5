import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** The bundled model. */
export const TINY_LLAMA: string = fileURLToPath(new URL("../../../examples/tiny-llama", import.meta.url));

/** A command that is still running then is killed and fails the test. */
const TIME_LIMIT_MS = 60_000;

export interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly ended: Promise<Answer>;
  /** Resolves with the first text on standard output. */
  readonly begun: Promise<void>;
  /** Resolves with the first text on standard error, usually progress. */
  readonly reported: Promise<void>;
  /** Closes our end of standard output, as `| head` does. */
  stopReading(): void;
  kill(signal: NodeJS.Signals): void;
}

/** Fails with what to type when the package has not been built. */
export function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`npm run build\` first.`);
}

/** Starts the built command with an environment that forces nothing but `env`. */
export function startLowbit(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const { LOWBIT_BACKEND: _backend, LOWBIT_ISA: _isa, NO_COLOR: _plain, FORCE_COLOR: _colour, ...rest } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...rest, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const begun = new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  const reported = new Promise<void>((resolve) => child.stderr.once("data", () => resolve()));
  const ended = new Promise<Answer>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { ended, begun, reported, stopReading: () => child.stdout.destroy(), kill: (signal) => child.kill(signal) };
}

export function lowbit(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Answer> {
  return startLowbit(args, env).ended;
}

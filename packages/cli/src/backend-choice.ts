import { availableParallelism } from "node:os";
import type { BackendName } from "@lowbit/core/backend";
import type { BackendModule } from "@lowbit/core/node";
import { InvalidArgumentError, Option } from "commander";

const BACKEND_NAMES: readonly BackendName[] = ["native", "wasm", "reference"];
const MOST_THREADS = 256;

/** `--backend`, shared by all commands that compute. */
export function backendOption(): Option {
  return new Option("--backend <name>", "kernels to use (default: the fastest that runs here)")
    .choices([...BACKEND_NAMES])
    .env("LOWBIT_BACKEND");
}

/** `--threads` of commands that divide files: worker threads, each with its own backend. The number never changes a byte of the output. */
export function threadsOption(): Option {
  return new Option("--threads <count>", "worker threads")
    .default(availableParallelism(), "processors of this machine")
    .argParser(parseThreads);
}

/** `--threads` of commands that run one backend: its kernels divide their rows among so many threads. */
export function kernelThreadsOption(): Option {
  return new Option("--threads <count>", "threads of the native kernels; wasm and reference have one")
    .default(availableParallelism(), "processors of this machine")
    .argParser(parseThreads);
}

/** How workers make the backend: core imports none itself. */
export function backendModule(wish: BackendName | undefined): BackendModule {
  return { module: new URL("./create-backend.js", import.meta.url).href, exportName: "createBackend", argument: wish };
}

function parseThreads(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_THREADS) return count;
  throw new InvalidArgumentError(`It is an integer from 1 to ${MOST_THREADS}.`);
}

/** "native on avx512vnni, 2 threads". */
export function describeBackend({ backend, isa, threads }: { backend: string; isa: string; threads: number }): string {
  return `${backend} on ${isa}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

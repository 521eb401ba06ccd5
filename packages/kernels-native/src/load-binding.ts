import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { LowbitError } from "@lowbit/core/errors";

/** An instruction set of the build, best first in `instructionSets()`. */
export interface NativeInstructionSet {
  readonly name: string;
  /** CPU features it needs, for people. */
  readonly needs: string;
  /** Whether this CPU has them. */
  readonly runs: boolean;
}

export type NativeKernel = (...args: readonly unknown[]) => number | undefined;

interface OpenedKernels {
  readonly kernels: Readonly<Record<string, NativeKernel>>;
  /** Threads that the system granted, at most those asked for. */
  readonly threads: number;
  close(): void;
}

/** What native/binding.cpp exports. */
export interface NativeBinding {
  readonly compiler: string;
  instructionSets(): NativeInstructionSet[];
  open(isa: string, threads: number): OpenedKernels;
}

/** Where the build of this platform lies. */
export function bindingPath(): string {
  const platform = `${process.platform}-${process.arch}`;
  return fileURLToPath(new URL(`../dist/${platform}/lowbit_kernels.node`, import.meta.url));
}

/**
 * Loads the native module, or says why it cannot.
 * @throws `backend/unavailable` when there is no build for this platform, or the system refuses to load it.
 */
export function loadBinding(path: string = bindingPath()): NativeBinding {
  const platform = `${process.platform}-${process.arch}`;
  if (!existsSync(path)) {
    throw new LowbitError(
      "backend/unavailable",
      `The native backend is not built for ${platform}: found no file at ${path}. In a checkout, \`pnpm build\` makes it.`,
      { backend: "native", platform, path },
    );
  }
  try {
    return createRequire(import.meta.url)(path) as NativeBinding;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LowbitError(
      "backend/unavailable",
      `The native backend was found but the system does not load it (${platform}, Node ${process.versions.node}): ${found}`,
      { backend: "native", platform, path, found },
      { cause },
    );
  }
}

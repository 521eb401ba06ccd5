import { availableParallelism } from "node:os";
import { allocateArrayBuffer, COMPILED_OPS, createCompiledBackend, type KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { chooseInstructionSet } from "./choose-instruction-set.js";
import { loadBinding, type NativeInstructionSet } from "./load-binding.js";
import { NativeKernelCaller } from "./native-kernel-caller.js";

export interface NativeBackendOptions {
  /** Threads that one call may use, the calling one included, 1 to 256; the cores of this machine by default. */
  readonly threads?: number;
  /** Instruction set to force: "scalar", "avx2", "avx512", "avx512vnni", "neon", "neon-dotprod"; default LOWBIT_ISA, else the best. */
  readonly isa?: string;
}

const MAX_THREADS = 256;

/**
 * The native backend on the best instruction set of this CPU.
 * @throws `backend/unavailable` when there is no build for this platform or the instruction set asked for cannot run.
 */
export function createNativeBackend(options: NativeBackendOptions = {}): KernelBackend {
  const threads = options.threads ?? Math.min(availableParallelism(), MAX_THREADS);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new LowbitError(
      "backend/threads",
      `threads is ${threads}; it must be a whole number from 1 to ${MAX_THREADS}.`,
      {
        threads,
      },
    );
  }
  const binding = loadBinding();
  const isa = chooseInstructionSet(binding.instructionSets(), options.isa ?? process.env["LOWBIT_ISA"]);
  const { kernels, threads: granted, close } = binding.open(isa, threads);
  return createCompiledBackend({
    name: "native",
    isa,
    threads: granted,
    ops: COMPILED_OPS,
    kernels: new NativeKernelCaller(kernels),
    allocate: allocateArrayBuffer,
    close,
  });
}

/** What the native build of this machine holds. @throws `backend/unavailable` when it cannot be loaded. */
export function describeNativeBuild(): {
  readonly compiler: string;
  readonly instructionSets: readonly NativeInstructionSet[];
} {
  const binding = loadBinding();
  return { compiler: binding.compiler, instructionSets: binding.instructionSets() };
}

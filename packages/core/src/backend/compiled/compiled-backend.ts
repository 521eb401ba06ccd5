import type { BackendBuffer, BackendName, KernelBackend, KernelOps, OpName } from "../kernel-backend.js";
import { REFERENCE_OPS } from "../reference/reference-ops.js";
import type { CompiledOps } from "./compiled-ops.js";
import type { KernelCaller } from "./kernel-caller.js";

export interface CompiledBackendParts {
  readonly name: BackendName;
  readonly isa: string;
  readonly threads: number;
  readonly kernels: KernelCaller;
  /** The ops that this backend has kernels for: `COMPILED_OPS`, or fewer. */
  readonly ops: CompiledOps;
  allocate(byteLength: number): BackendBuffer;
  close(): void;
}

/** A backend whose ops are calls of compiled kernels; ops without a kernel are borrowed from the reference. */
export function createCompiledBackend(parts: CompiledBackendParts): KernelBackend {
  const { name, isa, threads, kernels } = parts;
  const ops: Record<string, unknown> = {};
  const borrowedOps = new Set<OpName>();
  for (const [op, reference] of Object.entries(REFERENCE_OPS)) {
    const mapping = parts.ops[op as OpName] as ((kernels: KernelCaller, ...args: unknown[]) => unknown) | undefined;
    if (mapping === undefined) borrowedOps.add(op as OpName);
    ops[op] = mapping === undefined ? reference : (...args: unknown[]) => mapping(kernels, ...args);
  }
  return {
    ...(ops as unknown as KernelOps),
    name,
    isa,
    threads,
    borrowedOps,
    allocate: parts.allocate,
    close: parts.close,
  };
}

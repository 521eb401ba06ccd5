import { type CompiledOps, createCompiledBackend, type KernelBackend, PACKED_BYTES } from "@lowbit/core/backend";
import { createMemory, LinearMemory } from "./linear-memory.js";
import { loadVariant, type ModuleLoaders, type WasmVariant } from "./load-variant.js";
import { type WasmKernel, WasmKernelCaller } from "./wasm-kernel-caller.js";

export interface WasmBackendOptions {
  /** Instruction set to force; default LOWBIT_ISA where there is an environment, else the best that this host validates. */
  readonly isa?: WasmVariant | (string & {});
  /**
   * Bytes of memory to start with, rounded up to pages of 64 KiB, at least 16 MiB, at most 4 GiB. A memory that holds all
   * that is allocated, with 16 MiB for products and room for copies of arrays from elsewhere, never grows, so no view goes stale. Untouched pages
   * cost nothing. Default 256 MiB, or what the host grants of it.
   */
  readonly initialBytes?: number;
}

/** Compiles the best variant that this host validates and wires its exports to the ops. */
export async function openWasmBackend(
  loaders: ModuleLoaders,
  ops: CompiledOps,
  options: WasmBackendOptions,
): Promise<KernelBackend> {
  const { variant, bytes } = await loadVariant(loaders, options.isa ?? environment()["LOWBIT_ISA"]);
  const memory = createMemory(options.initialBytes);
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { memory } });
  const kernels = new Map<string, WasmKernel>();
  for (const [name, value] of Object.entries(instance.exports)) {
    if (typeof value === "function") kernels.set(name, value as WasmKernel);
  }
  const linearMemory = new LinearMemory(memory, (instance.exports["__heap_base"] as WebAssembly.Global).value);
  const caller = new WasmKernelCaller(linearMemory, kernels);
  // Before there are views: a memory that grew in the middle of a product would take the product's own arrays away.
  const isRoomy = memory.buffer.byteLength >= 4 * PACKED_BYTES;
  if (isRoomy && kernels.has("matmul_pack")) caller.scratch(PACKED_BYTES);
  return createCompiledBackend({
    name: "wasm",
    isa: variant,
    threads: 1,
    ops,
    kernels: caller,
    allocate: (byteLength) => linearMemory.allocate(byteLength),
    close: () => kernels.clear(),
  });
}

/** The environment variables of Node, none in browsers. */
function environment(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
}

import { type CompiledOps, createCompiledBackend, type KernelBackend } from "@lowbit/core/backend";
import { createMemory, LinearMemory } from "./linear-memory.js";
import { loadVariant, type ModuleLoaders, type WasmVariant } from "./load-variant.js";
import { type WasmKernel, WasmKernelCaller } from "./wasm-kernel-caller.js";

export interface WasmBackendOptions {
  /** Instruction set to force; default LOWBIT_ISA where there is an environment, else the best that this host validates. */
  readonly isa?: WasmVariant | (string & {});
}

/** Compiles the best variant that this host validates and wires its exports to the ops. */
export async function openWasmBackend(
  loaders: ModuleLoaders,
  ops: CompiledOps,
  options: WasmBackendOptions,
): Promise<KernelBackend> {
  const { variant, bytes } = await loadVariant(loaders, options.isa ?? environment()["LOWBIT_ISA"]);
  const memory = createMemory();
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { memory } });
  const kernels = new Map<string, WasmKernel>();
  for (const [name, value] of Object.entries(instance.exports)) {
    if (typeof value === "function") kernels.set(name, value as WasmKernel);
  }
  const linearMemory = new LinearMemory(memory, (instance.exports["__heap_base"] as WebAssembly.Global).value);
  return createCompiledBackend({
    name: "wasm",
    isa: variant,
    threads: 1,
    ops,
    kernels: new WasmKernelCaller(linearMemory, kernels),
    allocate: (byteLength) => linearMemory.allocate(byteLength),
    close: () => kernels.clear(),
  });
}

/** The environment variables of Node, none in browsers. */
function environment(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
}

import { createCompiledBackend, type KernelBackend } from "@lowbit/core/backend";
import { createMemory, LinearMemory } from "./linear-memory.js";
import { loadVariant, type WasmVariant } from "./load-variant.js";
import { type WasmKernel, WasmKernelCaller } from "./wasm-kernel-caller.js";

export interface WasmBackendOptions {
  /** Instruction set to force; default LOWBIT_ISA where there is an environment, else the best that this host validates. */
  readonly isa?: WasmVariant | (string & {});
}

/**
 * The WASM backend: one thread, any host with WebAssembly.
 * @throws `backend/unavailable` when the host supports no variant or not the one asked for.
 */
export async function createWasmBackend(options: WasmBackendOptions = {}): Promise<KernelBackend> {
  const { variant, bytes } = await loadVariant(options.isa ?? environment()["LOWBIT_ISA"]);
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
    kernels: new WasmKernelCaller(linearMemory, kernels),
    allocate: (byteLength) => linearMemory.allocate(byteLength),
    close: () => {},
  });
}

/** The environment variables of Node, none in browsers. */
function environment(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
}

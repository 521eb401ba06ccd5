import {
  type BackendName,
  createReferenceBackend,
  type KernelBackend,
  type SelectedBackend,
  selectBackend,
} from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";

/** The wished backend, or the first of native → wasm → reference that runs here, with the reasons for the others. */
export function openBackend(wish?: BackendName, threads = 1): Promise<SelectedBackend> {
  return selectBackend(
    [
      { name: "native", create: () => createNativeBackend({ threads }) },
      { name: "wasm", create: async () => (await import("@lowbit/kernels-wasm")).createWasmBackend() },
      { name: "reference", create: createReferenceBackend },
    ],
    wish,
    process.env["LOWBIT_ISA"],
  );
}

/** Entry for worker threads, which load this module by its URL: each has a backend of one thread. */
export async function createBackend(wish?: BackendName): Promise<KernelBackend> {
  return (await openBackend(wish)).backend;
}

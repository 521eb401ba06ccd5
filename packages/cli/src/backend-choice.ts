import { type BackendName, createReferenceBackend, type KernelBackend, type SelectedBackend, selectBackend } from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { Option } from "commander";

export const BACKEND_NAMES: readonly BackendName[] = ["native", "wasm", "reference"];

/** `--backend`, shared by all commands that compute. */
export function backendOption(): Option {
  return new Option("--backend <name>", "kernels to use (default: the fastest that runs here)").choices([...BACKEND_NAMES]).env("LOWBIT_BACKEND");
}

/** Opens the wished backend, or the first of native → wasm → reference that runs here, with the reasons for the others. */
export function openBackend(wish: BackendName | undefined, threads = 1): Promise<SelectedBackend> {
  return selectBackend(
    [
      { name: "native", create: () => createNativeBackend({ threads }) },
      { name: "wasm", create: () => createWasmBackend() },
      { name: "reference", create: (): KernelBackend => createReferenceBackend() },
    ],
    wish,
  );
}

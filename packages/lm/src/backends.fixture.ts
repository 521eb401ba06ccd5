import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";
import { createWasmBackend } from "@lowbit/kernels-wasm";

/** Every backend that models run on; close what was created. */
export const testBackends: readonly { readonly name: string; create(): Promise<KernelBackend> }[] = [
  { name: "reference", create: async () => createReferenceBackend() },
  { name: "wasm", create: async () => createWasmBackend() },
  { name: "native", create: async () => createNativeBackend() },
];

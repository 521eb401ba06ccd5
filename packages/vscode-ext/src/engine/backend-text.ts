import type { SelectedBackend } from "@lowbit/core/backend";

/** "wasm on relaxed-simd (native: @lowbit/kernels-native is not installed beside the extension.)" */
export function backendText({ backend, attempts }: SelectedBackend): string {
  const reasons = attempts.flatMap(({ name, taken, reason }) => (taken ? [] : [`${name}: ${reason}`]));
  const found = `${backend.name} on ${backend.isa}`;
  return reasons.length === 0 ? found : `${found} (${reasons.join(" ")})`;
}

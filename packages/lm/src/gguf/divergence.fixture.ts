import type { KernelBackend } from "@lowbit/core/backend";

/** KL(ours ‖ theirs) of the distributions of each row of logits, nats. */
export function divergence(
  backend: KernelBackend,
  ours: Float32Array,
  theirs: Float32Array,
  columns: number,
): readonly number[] {
  const rows = ours.length / columns;
  const found = { divergence: new Float64Array(rows), sameTop: new Uint8Array(rows) };
  backend.divergence({ values: ours, rows, columns }, { values: theirs, rows, columns }, found);
  return Array.from(found.divergence);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)]!;
}

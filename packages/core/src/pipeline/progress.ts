/** How far a run is; plain data, bytes of input. A survey's passes count like a reading each. */
export interface ProgressEvent {
  readonly phase: "quantize" | "dequantize" | "convert" | "compare" | "scan";
  /** Tensor of the chunk that was finished last. */
  readonly tensor: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Seconds left at the mean rate so far; absent before the first chunk. */
  readonly etaSeconds?: number;
}

export type ProgressListener = (event: ProgressEvent) => void;

export interface ProgressMeter {
  add(tensor: string, bytes: number): void;
}

/** Counts bytes and reports each addition. `skippedBytes` were done by an earlier run: they do not count for the rate. */
export function createProgressMeter(
  phase: ProgressEvent["phase"],
  totalBytes: number,
  skippedBytes: number,
  listener: ProgressListener | undefined,
  now: () => number = () => performance.now(),
): ProgressMeter {
  const started = now();
  let doneBytes = skippedBytes;
  return {
    add(tensor, bytes) {
      doneBytes += bytes;
      if (!listener) return;
      const rate = (doneBytes - skippedBytes) / ((now() - started) / 1000);
      const eta = rate > 0 && Number.isFinite(rate) ? { etaSeconds: (totalBytes - doneBytes) / rate } : {};
      listener({ phase, tensor, doneBytes: Math.round(doneBytes), totalBytes, ...eta });
    },
  };
}

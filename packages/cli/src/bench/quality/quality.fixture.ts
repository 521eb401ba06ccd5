import type { DoneQualityRow, ModelQuality, QualityProtocol } from "./quality-row.js";

export const PROTOCOL: QualityProtocol = {
  lowbitVersion: "0.0.0",
  modelHash: "aa",
  textHash: "bb",
  calibrationHash: "cc",
  samples: 32,
  sampleLength: 256,
  seed: 0,
  context: 256,
  windows: 16,
};

/** A row with made-up figures. */
export function doneRow(
  name: string,
  storedBitsPerWeight: number,
  perplexity: number,
  layerError: number,
  given: readonly string[] = ["--method", ...name.split(" ")],
): DoneQualityRow {
  return {
    name,
    arguments: given,
    status: "done",
    claimedBitsPerWeight: Math.floor(storedBitsPerWeight),
    storedBitsPerWeight,
    modelBitsPerWeight: storedBitsPerWeight + 1,
    layerError,
    perplexity: { mean: perplexity, standardError: 0.1 },
    divergence: { mean: 0.01 },
    quantizeSeconds: 1.5,
    peakMemoryBytes: 2e8,
  };
}

export function modelQuality(rows: ModelQuality["rows"]): ModelQuality {
  return {
    model: "tiny",
    protocol: PROTOCOL,
    command: "lowbit bench quality --models tiny --text text.txt",
    machine: "2 threads, native (avx2)",
    original: { perplexity: { mean: 20, standardError: 0.5 }, scoredTokens: 4096, bitsPerWeight: 16 },
    rows,
  };
}

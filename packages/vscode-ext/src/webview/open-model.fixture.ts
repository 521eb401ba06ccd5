import type { OpenModel } from "../protocol/overview-messages.js";

/** A model, but for what the test changes. */
export function openModel(change: Partial<OpenModel> = {}): OpenModel {
  return {
    state: "open",
    name: "tiny",
    container: "safetensors",
    fileBytes: 1000,
    shards: [{ name: "tiny.safetensors", byteLength: 1000 }],
    parameters: 500,
    tensors: 3,
    weights: 3,
    quantizedWeights: 0,
    storedBitsPerWeight: 16,
    claimedBitsPerWeight: 16,
    storages: [{ storage: "BF16", count: 3, parameters: 500, bytes: 1000, isQuantized: false }],
    skyline: [],
    notes: [],
    metadata: [],
    sideFiles: [],
    ...change,
  };
}

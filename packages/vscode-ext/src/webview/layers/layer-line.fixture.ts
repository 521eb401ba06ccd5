import type { LayerLine } from "../../protocol/layer-messages.js";

/** A weight, but for what the test changes. */
export function layerLine(change: Partial<LayerLine> = {}): LayerLine {
  return {
    id: "model.norm.weight",
    kind: "weight",
    depth: 0,
    label: "weight",
    canUnfold: false,
    isUnfolded: false,
    equal: 1,
    positionInSet: 1,
    setSize: 1,
    storage: "BF16",
    shape: [4, 8],
    parameters: 32,
    bytes: 64,
    claimedBitsPerWeight: 16,
    storedBitsPerWeight: 16,
    isQuantized: false,
    ...change,
  };
}

import type { Block, LinearLayer } from "../model/layers.js";

/** The block with some linear layers replaced by those of the same name; the rest is shared. */
export function replaceLayers(block: Block, replacements: readonly LinearLayer[]): Block {
  const byName = new Map(replacements.map((layer) => [layer.name, layer]));
  const replaced = (layer: LinearLayer): LinearLayer => byName.get(layer.name) ?? layer;
  const { attention, feedForward } = block;
  const { input } = attention;
  const { gate } = feedForward;
  return {
    ...block,
    attention: {
      ...attention,
      input:
        input.kind === "fused"
          ? { ...input, layer: replaced(input.layer) }
          : { ...input, query: replaced(input.query), key: replaced(input.key), value: replaced(input.value) },
      output: replaced(attention.output),
    },
    feedForward: {
      ...feedForward,
      ...(gate !== undefined && { gate: replaced(gate) }),
      up: replaced(feedForward.up),
      down: replaced(feedForward.down),
    },
  };
}

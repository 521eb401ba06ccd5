import type { Block, LinearLayer } from "./layers.js";

/**
 * Linear layers of a block that read the same input, in the order of the forward pass: {q, k, v} → {o} → {gate, up} →
 * {down}, the groups of GPTQ's "true sequential" order.
 */
export function inputGroups({ attention, feedForward }: Block): readonly (readonly LinearLayer[])[] {
  const { input, output } = attention;
  const { gate, up, down } = feedForward;
  return [
    input.kind === "fused" ? [input.layer] : [input.query, input.key, input.value],
    [output],
    gate === undefined ? [up] : [gate, up],
    [down],
  ];
}

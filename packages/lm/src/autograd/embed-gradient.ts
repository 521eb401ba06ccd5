import type { Tensor } from "../forward/tensor.js";
import type { Embedding } from "../model/layers.js";
import type { GradientContext } from "./gradient-context.js";
import { tableParameter } from "./parameter-gradients.js";

/** Every token's gradient is added to the row that it was read from, in both tables. */
export function embedGradient(
  { backend, parameters }: GradientContext,
  embedding: Embedding,
  tokens: Uint32Array,
  positions: Uint32Array,
  dy: Tensor,
): void {
  const table = tableParameter("embedding", embedding.tokens);
  if (parameters.wants(table)) parameters.accept(table, (target) => backend.scatterRows(tokens, dy, target));
  if (embedding.positions === undefined) return;
  const places = tableParameter("positions", embedding.positions);
  if (parameters.wants(places)) parameters.accept(places, (target) => backend.scatterRows(positions, dy, target));
}

import type { AttentionContext } from "../forward/forward-ops.js";
import type { Tensor } from "../forward/tensor.js";
import type { GradientContext } from "./gradient-context.js";

export function attentionGradient(
  { tape, backend }: GradientContext,
  { cache: _, ...heads }: AttentionContext,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  dy: Tensor,
): void {
  const [dQuery, dKey, dValue] = [tape.gradient(query), tape.gradient(key), tape.gradient(value)];
  const length = query.rows / heads.sequences;
  backend.attentionGradient(
    query.values,
    key.values,
    value.values,
    { ...heads, queryLength: length, keyLength: length, keyStride: length },
    dy.values,
    dQuery.values,
    dKey.values,
    dValue.values,
  );
}

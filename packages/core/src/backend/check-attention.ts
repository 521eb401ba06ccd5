import { LowbitError } from "../errors/lowbit-error.js";
import { checkLeastLength, checkLength } from "./operand-length.js";
import type { AttentionShape } from "./ops/layer-ops.js";

/**
 * What `attention` checks: kernels trust the shape.
 * @throws `backend/operand-size`
 */
export function checkAttention(
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  y: Float32Array,
): void {
  checkAttentionShape(shape);
  const { sequences, queryLength, keyLength, keyStride, headCount, keyValueHeadCount, headSize } = shape;
  const rows = sequences * queryLength;
  checkLength(`queries of ${rows} rows of ${headCount} heads`, q.length, rows * headCount * headSize);
  checkLength(`outputs of ${rows} rows of ${headCount} heads`, y.length, q.length);
  const keyRows = sequences === 0 ? 0 : (sequences - 1) * keyStride + keyLength;
  const least = keyRows * keyValueHeadCount * headSize;
  checkLeastLength(`keys of ${keyRows} rows of ${keyValueHeadCount} heads`, keys.length, least);
  checkLeastLength(`values of ${keyRows} rows of ${keyValueHeadCount} heads`, values.length, least);
}

/** The same for `attentionGradient`. @throws `backend/operand-size` */
export function checkAttentionGradient(
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  dy: Float32Array,
  dq: Float32Array,
  dKeys: Float32Array,
  dValues: Float32Array,
): void {
  checkAttention(q, keys, values, shape, dy);
  checkLength("gradients of the queries", dq.length, q.length);
  checkLength("gradients of the keys", dKeys.length, keys.length);
  checkLength("gradients of the values", dValues.length, values.length);
}

function checkAttentionShape(shape: AttentionShape): void {
  for (const name of ["sequences", "queryLength", "keyLength", "keyStride", "window"] as const) {
    checkWhole(name, shape[name], 0);
  }
  for (const name of ["headCount", "keyValueHeadCount", "headSize"] as const) checkWhole(name, shape[name], 1);
  checkLeastLength("keys of a sequence", shape.keyLength, shape.queryLength);
  checkLeastLength("rows from one sequence of keys to the next", shape.keyStride, shape.keyLength);
  const { headCount, keyValueHeadCount } = shape;
  if (headCount % keyValueHeadCount === 0) return;
  throw new LowbitError(
    "backend/operand-size",
    `the key heads are ${keyValueHeadCount}; their number must divide that of the query heads, ${headCount}`,
    { headCount, keyValueHeadCount },
  );
}

function checkWhole(name: string, found: number, least: number): void {
  if (Number.isInteger(found) && found >= least) return;
  throw new LowbitError(
    "backend/operand-size",
    `${name} of an attention is ${found}; it must be a whole number from ${least} on`,
    { name, found, least },
  );
}

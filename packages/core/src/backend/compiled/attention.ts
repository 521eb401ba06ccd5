import { checkAttention } from "../check-attention.js";
import type { AttentionShape } from "../ops/layer-ops.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";

/** Rows (a query of one head) that share a packed block of keys: more of them pack less often, fewer make more units. */
const MOST_UNIT_ROWS = 192;
const LEAST_UNIT_ROWS = 96;
/** Units of work that keep every thread busy to the end. */
const ENOUGH_UNITS = 32;
/** Of up to so many rows a key head, packing a block of keys costs more than reading it where it lies. */
const FEW_ROWS = 16;
/** Keys of a unit of few rows. */
const SPAN_KEYS = 128;

export function attention(
  kernels: KernelCaller,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  y: Float32Array,
): void {
  checkAttention(q, keys, values, shape, y);
  if (y.length === 0) return;
  const { queryLength, headCount, keyValueHeadCount } = shape;
  const isFew = queryLength === 1 || queryLength * headCount <= FEW_ROWS * keyValueHeadCount;
  if (isFew) attendFew(kernels, q, keys, values, shape, y);
  else attendMany(kernels, q, keys, values, shape, y);
}

function attendMany(
  kernels: KernelCaller,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  y: Float32Array,
): void {
  const queries = unitQueries(shape);
  const units = shape.sequences * shape.keyValueHeadCount * Math.ceil(shape.queryLength / queries);
  kernels.call("attention", 0, units, q, keys, values, ...shapeArguments(shape), queries, output(y));
}

/** Threads share the keys, so that one query of one key head has work for all; a second call joins their parts. */
function attendFew(
  kernels: KernelCaller,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  y: Float32Array,
): void {
  const { sequences, queryLength, keyLength, headCount, keyValueHeadCount, headSize, window } = shape;
  const rows = sequences * queryLength * headCount;
  const seen = window === 0 ? keyLength : Math.min(keyLength, window + queryLength - 1);
  const spans = Math.ceil(seen / SPAN_KEYS);
  const parts = () => kernels.scratch(4 * rows * spans * (headSize + 2));
  const units = sequences * spans;
  kernels.call("attention_few", 0, units, q, keys, values, ...shapeArguments(shape), SPAN_KEYS, output(parts()));
  kernels.call(
    "attention_join",
    0,
    rows,
    parts(),
    spans,
    queryLength,
    headCount,
    keyValueHeadCount,
    headSize,
    output(y),
  );
}

/** The shape in the order of the kernels. */
export function shapeArguments(shape: AttentionShape): KernelArgument[] {
  const { sequences, queryLength, keyLength, keyStride, headCount, keyValueHeadCount, headSize, scale, window } = shape;
  return [sequences, queryLength, keyLength, keyStride, headCount, keyValueHeadCount, headSize, scale, window];
}

/** Queries of a unit: all heads of one key head in these. */
function unitQueries({ sequences, queryLength, headCount, keyValueHeadCount }: AttentionShape): number {
  const rows = (sequences * queryLength * headCount) / ENOUGH_UNITS;
  const unitRows = Math.min(MOST_UNIT_ROWS, Math.max(LEAST_UNIT_ROWS, rows));
  return Math.max(1, Math.floor((unitRows * keyValueHeadCount) / headCount));
}

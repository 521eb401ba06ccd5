import { checkAttentionGradient } from "../check-attention.js";
import type { AttentionShape } from "../ops/layer-ops.js";
import { shapeArguments } from "./attention.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Rows (a query of one head) at a time, and keys in a block: LOWBIT_GRADIENT_ROWS and BLOCK of the kernels. */
const ROWS = 96;
const KEY_BLOCK = 64;
/** Units (a key head of a sequence) of a call have this much scratch together, or there is one unit. */
const SCRATCH_BYTES = 2 ** 26;

export function attentionGradient(
  kernels: KernelCaller,
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  dy: Float32Array,
  dq: Float32Array,
  dKeys: Float32Array,
  dValues: Float32Array,
): void {
  checkAttentionGradient(q, keys, values, shape, dy, dq, dKeys, dValues);
  const units = shape.queryLength === 0 ? 0 : shape.sequences * shape.keyValueHeadCount;
  const unitFloats = 2 * ROWS * Math.ceil(shape.keyLength / KEY_BLOCK) * KEY_BLOCK;
  const most = Math.max(1, Math.floor(SCRATCH_BYTES / (4 * unitFloats)));
  for (let first = 0; first < units; first += most) {
    const end = Math.min(units, first + most);
    const scratch = kernels.scratch(4 * unitFloats * (end - first));
    kernels.call(
      "attention_gradient",
      first,
      end,
      q,
      keys,
      values,
      ...shapeArguments(shape),
      dy,
      output(dq),
      output(dKeys),
      output(dValues),
      first,
      unitFloats,
      output(scratch),
    );
  }
}

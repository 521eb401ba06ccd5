import type { KernelBackend } from "@lowbit/core/backend";
import { runHead } from "../forward/run-model.js";
import type { Tensor } from "../forward/tensor.js";
import type { TensorPool } from "../forward/tensor-pool.js";
import type { Head } from "../model/layers.js";
import type { RecordingOps } from "./recording-ops.js";

/** Logits that are held at a time: 16 MiB, and as much for their gradient. */
const MOST_LOGITS = 2 ** 22;

/**
 * The mean negative log-likelihood, in nats, of `targets` at `rows` of the residual stream x, and its gradient by x into
 * `dx` (zeros in other rows). A few rows at a time, so that logits of all tokens never exist at once; `ops` adds the
 * gradients of the head's parameters on the way.
 */
export function headLoss(
  { ops, backend, pool }: { readonly ops: RecordingOps; readonly backend: KernelBackend; readonly pool: TensorPool },
  head: Head,
  x: Tensor,
  rows: Uint32Array,
  targets: Uint32Array,
  dx: Tensor,
  rowsAtOnce: number = Math.max(1, Math.floor(MOST_LOGITS / head.output.outFeatures)),
): number {
  const { columns } = x;
  dx.values.fill(0);
  let sum = 0;
  for (let begin = 0; begin < rows.length; begin += rowsAtOnce) {
    const chunk = rows.subarray(begin, begin + rowsAtOnce);
    const input = pool.allocate(chunk.length, columns);
    try {
      const [from, to] = [x.values, input.values];
      for (const [i, row] of chunk.entries()) to.set(from.subarray(row * columns, (row + 1) * columns), i * columns);
      const logits = runHead(ops, { head }, input);
      const chunkTargets = Uint32Array.from(chunk, (row) => targets[row]!);
      const losses = new Float64Array(chunk.length);
      backend.crossEntropy(logits, chunkTargets, losses);
      sum = losses.reduce((total, loss) => total + loss, sum);
      const dLogits = pool.allocate(logits.rows, logits.columns);
      dLogits.values.fill(0);
      backend.crossEntropyGradient(logits, chunkTargets, 1 / rows.length, dLogits.values);
      const dInput = ops.backward(logits, dLogits, [input])[0]!;
      const [found, into] = [dInput.values, dx.values];
      for (const [i, row] of chunk.entries()) into.set(found.subarray(i * columns, (i + 1) * columns), row * columns);
      pool.giveBack(dInput.buffer);
    } finally {
      pool.giveBack(input.buffer);
    }
  }
  return sum / rows.length;
}

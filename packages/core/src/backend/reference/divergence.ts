import type { RowBlock } from "../../tensor/row-block.js";
import { checkDivergence } from "../check-cross-entropy.js";
import type { Divergence } from "../ops/layer-ops.js";
import { logSoftmax } from "./softmax.js";

/** KL(p ‖ q) = Σ p · (log p − log q); a column where p is 0 adds 0, one where only q is 0 makes the sum infinite. */
export function divergence(p: RowBlock, q: RowBlock, target: Divergence): void {
  checkDivergence(p, q, target);
  const { rows, columns } = p;
  for (let row = 0; row < rows; row++) {
    const pLogits = p.values.subarray(row * columns, (row + 1) * columns);
    const qLogits = q.values.subarray(row * columns, (row + 1) * columns);
    const pLogs = logSoftmax(pLogits);
    const qLogs = logSoftmax(qLogits);
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      const logP = pLogs[column]!;
      const logQ = qLogs[column]!;
      const probability = Math.exp(logP);
      sum += probability === 0 ? 0 : probability * (logP - logQ);
      // A row of NaN has no divergence, even where p is 0.
      if (Number.isNaN(logQ)) sum = Number.NaN;
    }
    target.divergence[row] = Math.max(0, sum);
    target.sameTop[row] = topColumn(pLogits) === topColumn(qLogits) ? 1 : 0;
  }
}

/** The first column with the largest logit; NaN is never the largest. */
function topColumn(logits: Float32Array): number {
  let top = 0;
  let largest = Number.NEGATIVE_INFINITY;
  logits.forEach((logit, column) => {
    if (!(logit > largest)) return;
    largest = logit;
    top = column;
  });
  return top;
}

import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import { checkLength } from "./operand-length.js";
import type { Divergence } from "./ops/layer-ops.js";

/** @throws `backend/operand-size`, also for a target that is no column */
export function checkCrossEntropy(logits: RowBlock, targets: Uint32Array, losses: Float64Array): void {
  checkTargets(logits, targets);
  checkLength("losses", losses.length, logits.rows);
}

/** @throws `backend/operand-size`, also for a target that is no column */
export function checkCrossEntropyGradient(logits: RowBlock, targets: Uint32Array, dLogits: Float32Array): void {
  checkTargets(logits, targets);
  checkLength("gradients of the logits", dLogits.length, logits.values.length);
}

/** @throws `backend/operand-size` */
export function checkDivergence(p: RowBlock, q: RowBlock, target: Divergence): void {
  checkLogits(p);
  checkLogits(q);
  checkLength("rows of the second logits", q.rows, p.rows);
  checkLength("columns of the second logits", q.columns, p.columns);
  checkLength("divergences", target.divergence.length, p.rows);
  checkLength("flags of an equal top", target.sameTop.length, p.rows);
}

function checkLogits({ values, rows, columns }: RowBlock): void {
  checkLength(`logits of ${rows} rows of ${columns} columns`, values.length, rows * columns);
}

function checkTargets(logits: RowBlock, targets: Uint32Array): void {
  checkLogits(logits);
  checkLength("targets", targets.length, logits.rows);
  const beyond = targets.findIndex((target) => target >= logits.columns);
  if (beyond < 0) return;
  throw new LowbitError(
    "backend/operand-size",
    `the target of row ${beyond} is ${targets[beyond]}; targets are below ${logits.columns}, the columns of the logits`,
    { row: beyond, target: targets[beyond]!, columns: logits.columns },
  );
}

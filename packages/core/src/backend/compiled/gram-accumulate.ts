import { rowMajor, transposed } from "../../tensor/matrix.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkGramAccumulate } from "../check-gram.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { PANEL_ROWS, packOperand } from "./packed-operand.js";

/** Tokens whose sums are f32: `LOWBIT_GRAM_TOKENS`. */
const TOKEN_BLOCK = 256;

export function gramAccumulate(kernels: KernelCaller, x: RowBlock, target: Float32Array | Float64Array): void {
  checkGramAccumulate(x, target);
  if (x.columns === 0) return;
  const units = Math.ceil(x.columns / PANEL_ROWS);
  const narrow = target instanceof Float32Array ? output(target) : null;
  const wide = target instanceof Float64Array ? output(target) : null;
  for (let token = 0; token < x.rows; token += TOKEN_BLOCK) {
    const tokens = Math.min(TOKEN_BLOCK, x.rows - token);
    const values = x.values.subarray(token * x.columns, (token + tokens) * x.columns);
    const features = transposed(rowMajor(values, tokens, x.columns));
    for (const { begin, rows, panels } of packOperand(kernels, features, "right")) {
      kernels.call("gram_accumulate", 0, units, values, tokens, x.columns, panels(), begin, rows, narrow, wide);
    }
  }
}

import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyTokens } from "./float-tokens.js";
import type { KernelCaller } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function codebookMultiply(
  kernels: KernelCaller,
  term: Term<CodebookLayout>,
  x: Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  multiplyTokens(kernels, x, layout.rows, y, null, (given) =>
    kernels.call(
      "codebook_multiply",
      0,
      layout.rows,
      arrays.codes,
      layout.rows,
      layout.columns,
      layout.bits,
      layout.groupSize,
      layout.granularity === "tensor" ? 1 : 0,
      arrays.scale,
      SCALE_DTYPE_NUMBER[layout.scaleDtype],
      arrays.table,
      given.x,
      given.panels,
      given.tokens,
      given.y,
    ),
  );
}

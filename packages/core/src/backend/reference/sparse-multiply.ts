import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyDecoded } from "./multiply-decoded.js";
import { sparseDecode } from "./sparse-decode.js";

export function sparseMultiply(term: Term<SparseLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  sparseDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

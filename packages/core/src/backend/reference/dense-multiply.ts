import type { DenseLayout } from "../../terms/dense.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { denseDecode } from "./dense-decode.js";
import { multiplyDecoded } from "./multiply-decoded.js";

export function denseMultiply(term: Term<DenseLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  denseDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

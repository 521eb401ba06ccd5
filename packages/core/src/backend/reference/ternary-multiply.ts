import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyDecoded } from "./multiply-decoded.js";
import { ternaryDecode } from "./ternary-decode.js";

export function ternaryMultiply(term: Term<TernaryLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  ternaryDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

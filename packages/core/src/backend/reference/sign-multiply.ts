import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyDecoded } from "./multiply-decoded.js";
import { signDecode } from "./sign-decode.js";

export function signMultiply(term: Term<SignLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  signDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

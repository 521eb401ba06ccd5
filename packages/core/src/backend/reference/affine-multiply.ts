import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { affineDecode } from "./affine-decode.js";
import { multiplyDecoded } from "./multiply-decoded.js";

export function affineMultiply(term: Term<AffineLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  affineDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

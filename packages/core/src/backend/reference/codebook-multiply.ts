import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { codebookDecode } from "./codebook-decode.js";
import { multiplyDecoded } from "./multiply-decoded.js";

export function codebookMultiply(term: Term<CodebookLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns } = term.layout;
  const weight = new Float32Array(rows * columns);
  codebookDecode(term, weight);
  multiplyDecoded(weight, rows, x, y);
}

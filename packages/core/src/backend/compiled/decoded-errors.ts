import type { RowBlock } from "../../tensor/row-block.js";
import { checkDecode } from "../../terms/check-decode.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { runnableTerm } from "../../terms/runnable-term.js";
import type { Term } from "../../terms/term.js";
import { checkErrorStatistics } from "../check-statistics.js";
import type { DecodeOps } from "../ops/decode-ops.js";
import type { ErrorStatistics } from "../ops/statistics-ops.js";
import { affineDecode, affineDecodeArguments } from "./affine-decode.js";
import { codebookDecode, codebookDecodeArguments } from "./codebook-decode.js";
import { denseDecode } from "./dense-decode.js";
import { errorArguments, errorStatistics } from "./error-statistics.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { signDecode, signDecodeArguments } from "./sign-decode.js";
import { sparseDecode } from "./sparse-decode.js";
import { ternaryDecode, ternaryDecodeArguments } from "./ternary-decode.js";

/** One term: a kernel that decodes some rows and looks at them while they are in the cache. Several: op by op. */
export function decodedErrors(
  kernels: KernelCaller,
  original: RowBlock,
  terms: readonly Term[],
  scratch: Float32Array,
  target: ErrorStatistics,
): void {
  const term = terms[0] && runnableTerm(terms[0]);
  const sameShape = term?.layout.rows === original.rows && term.layout.columns === original.columns;
  const fused = terms.length === 1 && sameShape ? decodeCall(term!) : undefined;
  if (fused === undefined) {
    decodeTerms(terms, scratch, decodeOps(kernels));
    errorStatistics(kernels, original, scratch, target);
    return;
  }
  checkDecode(term!, scratch);
  checkErrorStatistics(original, scratch, target);
  kernels.call(
    fused.kernel,
    0,
    original.rows,
    ...fused.args,
    original.values,
    output(scratch),
    ...errorArguments(target),
  );
}

function decodeCall(term: Term): { readonly kernel: string; readonly args: readonly KernelArgument[] } | undefined {
  const { layout } = term;
  if (layout.kind === "affine") return { kernel: "affine_errors", args: affineDecodeArguments(term as never) };
  if (layout.kind === "sign") return { kernel: "sign_errors", args: signDecodeArguments(term as never) };
  if (layout.kind === "ternary") return { kernel: "ternary_errors", args: ternaryDecodeArguments(term as never) };
  if (layout.kind === "codebook") return { kernel: "codebook_errors", args: codebookDecodeArguments(term as never) };
  return undefined;
}

function decodeOps(kernels: KernelCaller): DecodeOps {
  return {
    affineDecode: (term, target) => affineDecode(kernels, term, target),
    signDecode: (term, target) => signDecode(kernels, term, target),
    ternaryDecode: (term, target) => ternaryDecode(kernels, term, target),
    codebookDecode: (term, target) => codebookDecode(kernels, term, target),
    sparseDecode: (term, target) => sparseDecode(kernels, term, target),
    denseDecode: (term, target) => denseDecode(kernels, term, target),
  };
}

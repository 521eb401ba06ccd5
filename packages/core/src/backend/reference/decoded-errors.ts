import { decodeTerms } from "../../terms/decode-terms.js";
import type { KernelOps } from "../kernel-backend.js";
import { affineDecode } from "./affine-decode.js";
import { codebookDecode } from "./codebook-decode.js";
import { denseDecode } from "./dense-decode.js";
import { errorStatistics } from "./error-statistics.js";
import { signDecode } from "./sign-decode.js";
import { sparseDecode } from "./sparse-decode.js";
import { ternaryDecode } from "./ternary-decode.js";

const DECODE_OPS = { affineDecode, signDecode, ternaryDecode, codebookDecode, sparseDecode, denseDecode };

export const decodedErrors: KernelOps["decodedErrors"] = (original, terms, scratch, target) => {
  decodeTerms(terms, scratch, DECODE_OPS);
  errorStatistics(original, scratch, target);
};

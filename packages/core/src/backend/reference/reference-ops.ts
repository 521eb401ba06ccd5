import type { KernelOps } from "../kernel-backend.js";
import { absColumnSums } from "./abs-column-sums.js";
import { absRowSums } from "./abs-row-sums.js";
import { affineDecode } from "./affine-decode.js";
import { affineEncode } from "./affine-encode.js";
import { affineFit } from "./affine-fit.js";
import { affineHalfQuadraticFit } from "./affine-half-quadratic-fit.js";
import { binaryCodingFit } from "./binary-coding-fit.js";
import { codebookDecode } from "./codebook-decode.js";
import { codebookEncode } from "./codebook-encode.js";
import { codebookFit } from "./codebook-fit.js";
import { decodeFloats } from "./decode-floats.js";
import { denseDecode } from "./dense-decode.js";
import { encodeFloats } from "./encode-floats.js";
import { signAlternatingFit } from "./sign-alternating-fit.js";
import { signDecode } from "./sign-decode.js";
import { signEncode } from "./sign-encode.js";
import { signFit } from "./sign-fit.js";
import { sparseDecode } from "./sparse-decode.js";
import { ternaryDecode } from "./ternary-decode.js";
import { ternaryEncode } from "./ternary-encode.js";
import { ternaryFit } from "./ternary-fit.js";

/** Every op of the reference backend, one file each. */
export const REFERENCE_OPS: Partial<KernelOps> = {
  decodeFloats,
  encodeFloats,
  affineDecode,
  signDecode,
  ternaryDecode,
  codebookDecode,
  sparseDecode,
  denseDecode,
  absColumnSums,
  absRowSums,
  binaryCodingFit,
  signAlternatingFit,
  signEncode,
  signFit,
  ternaryEncode,
  ternaryFit,
  affineEncode,
  affineFit,
  affineHalfQuadraticFit,
  codebookEncode,
  codebookFit,
};

import type { KernelOps } from "../kernel-backend.js";
import { absColumnSums } from "./abs-column-sums.js";
import { absRowSums } from "./abs-row-sums.js";
import { activation } from "./activation.js";
import { activationGradient } from "./activation-gradient.js";
import { addBias } from "./add-bias.js";
import { addColumnSums } from "./add-column-sums.js";
import { addTo } from "./add-to.js";
import { affineDecode } from "./affine-decode.js";
import { affineEncode } from "./affine-encode.js";
import { affineFit } from "./affine-fit.js";
import { affineHalfQuadraticFit } from "./affine-half-quadratic-fit.js";
import { affineMultiply } from "./affine-multiply.js";
import { affineMultiplyInt8 } from "./affine-multiply-int8.js";
import { attention } from "./attention.js";
import { attentionGradient } from "./attention-gradient.js";
import { binaryCodingFit } from "./binary-coding-fit.js";
import { blockEncode } from "./block-encode.js";
import { blockFit } from "./block-fit.js";
import { codebookDecode } from "./codebook-decode.js";
import { codebookEncode } from "./codebook-encode.js";
import { codebookFit } from "./codebook-fit.js";
import { codebookMultiply } from "./codebook-multiply.js";
import { crossEntropy } from "./cross-entropy.js";
import { crossEntropyGradient } from "./cross-entropy-gradient.js";
import { decodeFloats } from "./decode-floats.js";
import { decodedErrors } from "./decoded-errors.js";
import { denseDecode } from "./dense-decode.js";
import { denseMultiply } from "./dense-multiply.js";
import { divergence } from "./divergence.js";
import { encodeFloats } from "./encode-floats.js";
import { errorFeedback } from "./error-feedback.js";
import { errorStatistics } from "./error-statistics.js";
import { gatedActivation } from "./gated-activation.js";
import { gatedActivationGradient } from "./gated-activation-gradient.js";
import { gatherRows } from "./gather-rows.js";
import { gramAccumulate } from "./gram-accumulate.js";
import { histogramFloats } from "./histogram-floats.js";
import { histogram16 } from "./histogram16.js";
import { inverseFactor } from "./inverse-factor.js";
import { layerNorm } from "./layer-norm.js";
import { layerNormGradient } from "./layer-norm-gradient.js";
import { matmul } from "./matmul.js";
import { outlierTiles } from "./outlier-tiles.js";
import { quantizeActivations } from "./quantize-activations.js";
import { readBandwidth } from "./read-bandwidth.js";
import { rmsNorm } from "./rms-norm.js";
import { rmsNormGradient } from "./rms-norm-gradient.js";
import { rotaryEmbedding } from "./rotary-embedding.js";
import { rowStatistics } from "./row-statistics.js";
import { scatterRows } from "./scatter-rows.js";
import { signAlternatingFit } from "./sign-alternating-fit.js";
import { signDecode } from "./sign-decode.js";
import { signEncode } from "./sign-encode.js";
import { signFit } from "./sign-fit.js";
import { signMultiply } from "./sign-multiply.js";
import { signMultiplyInt8 } from "./sign-multiply-int8.js";
import { sparseDecode } from "./sparse-decode.js";
import { sparseMultiply } from "./sparse-multiply.js";
import { ternaryDecode } from "./ternary-decode.js";
import { ternaryEncode } from "./ternary-encode.js";
import { ternaryFit } from "./ternary-fit.js";
import { ternaryMultiply } from "./ternary-multiply.js";
import { ternaryMultiplyInt8 } from "./ternary-multiply-int8.js";
import { walshHadamard } from "./walsh-hadamard.js";

/** Every op of the reference backend, one file each. */
export const REFERENCE_OPS: KernelOps = {
  decodeFloats,
  encodeFloats,
  affineDecode,
  signDecode,
  ternaryDecode,
  blockEncode,
  blockFit,
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
  rowStatistics,
  histogram16,
  histogramFloats,
  outlierTiles,
  errorStatistics,
  decodedErrors,
  walshHadamard,
  affineMultiply,
  signMultiply,
  ternaryMultiply,
  codebookMultiply,
  sparseMultiply,
  denseMultiply,
  quantizeActivations,
  affineMultiplyInt8,
  signMultiplyInt8,
  ternaryMultiplyInt8,
  matmul,
  readBandwidth,
  rmsNorm,
  layerNorm,
  rotaryEmbedding,
  activation,
  gatedActivation,
  addTo,
  addBias,
  gatherRows,
  rmsNormGradient,
  layerNormGradient,
  activationGradient,
  gatedActivationGradient,
  scatterRows,
  addColumnSums,
  attention,
  attentionGradient,
  crossEntropy,
  crossEntropyGradient,
  divergence,
  gramAccumulate,
  inverseFactor,
  errorFeedback,
};

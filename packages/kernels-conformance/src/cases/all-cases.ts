import type { KernelBackend, OpName } from "@lowbit/core/backend";
import { absColumnSumsCases, absRowSumsCases } from "./abs-sums.cases.js";
import {
  activationCases,
  activationGradientCases,
  gatedActivationCases,
  gatedActivationGradientCases,
} from "./activations.cases.js";
import { affineDecodeCases } from "./affine-decode.cases.js";
import { affineEncodeCases } from "./affine-encode.cases.js";
import { affineFitCases } from "./affine-fit.cases.js";
import { affineHalfQuadraticFitCases } from "./affine-half-quadratic-fit.cases.js";
import { affineMultiplyCases } from "./affine-multiply.cases.js";
import { affineMultiplyInt8Cases } from "./affine-multiply-int8.cases.js";
import { attentionCases } from "./attention.cases.js";
import { attentionGradientCases } from "./attention-gradient.cases.js";
import { binaryCodingFitCases } from "./binary-coding-fit.cases.js";
import { blockEncodeCases } from "./block-encode.cases.js";
import { blockFitCases } from "./block-fit.cases.js";
import { codebookDecodeCases } from "./codebook-decode.cases.js";
import { codebookEncodeCases } from "./codebook-encode.cases.js";
import { codebookFitCases } from "./codebook-fit.cases.js";
import { codebookMultiplyCases } from "./codebook-multiply.cases.js";
import { crossEntropyCases } from "./cross-entropy.cases.js";
import { crossEntropyGradientCases } from "./cross-entropy-gradient.cases.js";
import { decodeFloatsCases } from "./decode-floats.cases.js";
import { decodedErrorsCases } from "./decoded-errors.cases.js";
import { denseDecodeCases } from "./dense-decode.cases.js";
import { denseMultiplyCases } from "./dense-multiply.cases.js";
import { divergenceCases } from "./divergence.cases.js";
import { encodeFloatsCases } from "./encode-floats.cases.js";
import { errorFeedbackCases } from "./error-feedback.cases.js";
import { errorStatisticsCases } from "./error-statistics.cases.js";
import { gramAccumulateCases } from "./gram-accumulate.cases.js";
import { histogramFloatsCases } from "./histogram-floats.cases.js";
import { histogram16Cases } from "./histogram16.cases.js";
import { inverseFactorCases } from "./inverse-factor.cases.js";
import { matmulCases } from "./matmul.cases.js";
import { layerNormCases, layerNormGradientCases, rmsNormCases, rmsNormGradientCases } from "./norms.cases.js";
import { outlierTilesCases } from "./outlier-tiles.cases.js";
import { quantizeActivationsCases } from "./quantize-activations.cases.js";
import { readBandwidthCases } from "./read-bandwidth.cases.js";
import { rotaryEmbeddingCases } from "./rotary-embedding.cases.js";
import { rowStatisticsCases } from "./row-statistics.cases.js";
import { addBiasCases, addColumnSumsCases, addToCases, gatherRowsCases, scatterRowsCases } from "./rows.cases.js";
import { signAlternatingFitCases } from "./sign-alternating-fit.cases.js";
import { signDecodeCases } from "./sign-decode.cases.js";
import { signEncodeCases } from "./sign-encode.cases.js";
import { signFitCases } from "./sign-fit.cases.js";
import { signMultiplyCases } from "./sign-multiply.cases.js";
import { signMultiplyInt8Cases } from "./sign-multiply-int8.cases.js";
import { sparseDecodeCases } from "./sparse-decode.cases.js";
import { sparseMultiplyCases } from "./sparse-multiply.cases.js";
import { ternaryDecodeCases } from "./ternary-decode.cases.js";
import { ternaryEncodeCases } from "./ternary-encode.cases.js";
import { ternaryFitCases } from "./ternary-fit.cases.js";
import { ternaryMultiplyCases } from "./ternary-multiply.cases.js";
import { ternaryMultiplyInt8Cases } from "./ternary-multiply-int8.cases.js";
import { walshHadamardCases } from "./walsh-hadamard.cases.js";

/** The cases of one op: `subject()` is the backend under test, once tests run; `oracle` the reference. */
export type OpCases = (subject: () => KernelBackend, oracle: KernelBackend) => void;

/** One line per op. */
export const ALL_CASES: Readonly<Record<OpName, OpCases>> = {
  decodeFloats: decodeFloatsCases,
  encodeFloats: encodeFloatsCases,
  errorStatistics: errorStatisticsCases,
  decodedErrors: decodedErrorsCases,
  histogram16: histogram16Cases,
  histogramFloats: histogramFloatsCases,
  outlierTiles: outlierTilesCases,
  rowStatistics: rowStatisticsCases,
  walshHadamard: walshHadamardCases,
  affineDecode: affineDecodeCases,
  signDecode: signDecodeCases,
  ternaryDecode: ternaryDecodeCases,
  blockEncode: blockEncodeCases,
  blockFit: blockFitCases,
  codebookDecode: codebookDecodeCases,
  sparseDecode: sparseDecodeCases,
  denseDecode: denseDecodeCases,
  affineEncode: affineEncodeCases,
  affineFit: affineFitCases,
  affineHalfQuadraticFit: affineHalfQuadraticFitCases,
  codebookEncode: codebookEncodeCases,
  codebookFit: codebookFitCases,
  affineMultiply: affineMultiplyCases,
  signMultiply: signMultiplyCases,
  ternaryMultiply: ternaryMultiplyCases,
  codebookMultiply: codebookMultiplyCases,
  sparseMultiply: sparseMultiplyCases,
  denseMultiply: denseMultiplyCases,
  quantizeActivations: quantizeActivationsCases,
  affineMultiplyInt8: affineMultiplyInt8Cases,
  signMultiplyInt8: signMultiplyInt8Cases,
  ternaryMultiplyInt8: ternaryMultiplyInt8Cases,
  matmul: matmulCases,
  absColumnSums: absColumnSumsCases,
  absRowSums: absRowSumsCases,
  binaryCodingFit: binaryCodingFitCases,
  signAlternatingFit: signAlternatingFitCases,
  signEncode: signEncodeCases,
  signFit: signFitCases,
  ternaryEncode: ternaryEncodeCases,
  ternaryFit: ternaryFitCases,
  readBandwidth: readBandwidthCases,
  rmsNorm: rmsNormCases,
  layerNorm: layerNormCases,
  rotaryEmbedding: rotaryEmbeddingCases,
  activation: activationCases,
  gatedActivation: gatedActivationCases,
  addTo: addToCases,
  addBias: addBiasCases,
  gatherRows: gatherRowsCases,
  rmsNormGradient: rmsNormGradientCases,
  layerNormGradient: layerNormGradientCases,
  activationGradient: activationGradientCases,
  gatedActivationGradient: gatedActivationGradientCases,
  scatterRows: scatterRowsCases,
  addColumnSums: addColumnSumsCases,
  attention: attentionCases,
  attentionGradient: attentionGradientCases,
  crossEntropy: crossEntropyCases,
  crossEntropyGradient: crossEntropyGradientCases,
  divergence: divergenceCases,
  gramAccumulate: gramAccumulateCases,
  inverseFactor: inverseFactorCases,
  errorFeedback: errorFeedbackCases,
};

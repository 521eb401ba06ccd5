import type { MatrixShape, RowBlock } from "../../tensor/row-block.js";
import type { MaskedLayout } from "../../terms/masked.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype } from "../../terms/term.js";
import { termByteLength } from "../../terms/term-arrays.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { feedbackByColumn } from "../error-feedback/feedback-loop.js";
import { METRIC_OPTION } from "../fits/binary-options.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION } from "../scale-options.js";
import { markLargest } from "../selection/mark-largest.js";
import { elementSaliency, type SaliencyMetric } from "../selection/saliency.js";
import { fitMaskedSign, type SignFit } from "./masked-sign-fit.js";
import { maskedTerm, signTerm } from "./partial-binary-terms.js";
import { fitSalientRange } from "./salient-range.js";

export interface PbLlmOptions {
  readonly metric: SaliencyMetric;
  readonly share: number;
  readonly fit: SignFit;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

/** Bits of a salient weight. */
const SALIENT_BITS = 8;

/** Partial binarization: a share of the weights with 8 bits, signs for the others. */
export const pbLlm: CalibratedQuantizer<PbLlmOptions> = {
  name: "pb-llm",
  summary: "Signs, and 8 bits for the share of the weights that matters most.",
  source: "PB-LLM (Shang et al. 2023), section 3.2, and its released code",
  options: {
    metric: METRIC_OPTION,
    share: {
      kind: "number",
      default: 0.1,
      minimum: 0,
      maximum: 1,
      help: "Share of the weights of the layer that get 8 bits; the number is exact.",
    },
    fit: {
      kind: "choice",
      default: "unbiased",
      choices: ["unbiased", "biased"],
      help: "Mean and scale of the signs over the weights that are not salient, or over all with salient ones as 0 (released code).",
    },
    damping: DAMPING_OPTION,
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  needs: () => ["hessian"],
  layout: (shape, { share, scaleDtype }) => ({
    terms: [signLayout(shape, scaleDtype), ...maskedLayouts(shape, salientCount(shape, share), scaleDtype)],
    transforms: [],
  }),
  claimedBitsPerWeight: (_shape, { share }) => 1 - share + SALIENT_BITS * share,
  quantizeLayer(layer, { metric, share, fit, damping, scaleDtype }, backend) {
    const { weights } = layer;
    const { columns } = weights;
    const { factor, diagonal, dead } = dampedFactor(requiredStatistic(layer, "hessian"), columns, damping, backend);
    clearDeadColumns(weights, dead);
    const count = salientCount(weights, share);
    const isSalient = markLargest(elementSaliency(weights, metric, diagonal), count);

    // Both codecs are fitted once, to the weights before any correction.
    const sign = fitMaskedSign(weights, isSalient, fit, scaleDtype);
    const range = fitSalientRange(weights, sign, SALIENT_BITS, scaleDtype);
    // Grid 0 is for marks of 0, grid 1 for those of 1.
    const grids = [sign.grid, range.grid];
    const groupOf = new Uint32Array(columns);
    const zones = { zones: isSalient };
    const method = {
      starts: [],
      grids: (_: RowBlock, first: number, width: number) => ({
        grids,
        groupOf: groupOf.subarray(first, first + width),
        zones,
      }),
    };
    const codes = feedbackByColumn(weights, factor, method, backend);

    return {
      terms: [
        signTerm(signLayout(weights, scaleDtype), codes, isSalient, sign),
        ...maskedLayouts(weights, count, scaleDtype).map((layout) => maskedTerm(layout, codes, isSalient, range)),
      ],
      inputTransforms: [],
    };
  },
};

function salientCount({ rows, columns }: MatrixShape, share: number): number {
  return Math.round(share * rows * columns);
}

function signLayout({ rows, columns }: MatrixShape, scaleDtype: ScaleDtype): SignLayout {
  return {
    kind: "sign",
    rows,
    columns,
    granularity: "row",
    groupSize: columns,
    zones: 1,
    hasMean: true,
    hasColumnScale: false,
    scaleDtype,
  };
}

/** None where no weight is salient; positions in the smaller of both forms. */
function maskedLayouts({ rows, columns }: MatrixShape, count: number, scaleDtype: ScaleDtype): MaskedLayout[] {
  if (count === 0) return [];
  const layout = { kind: "masked", rows, columns, count, bits: SALIENT_BITS, scaleDtype } as const;
  const [bitmap, indices] = (["bitmap", "indices"] as const).map((positions) => ({ ...layout, positions }));
  return [termByteLength(indices!) < termByteLength(bitmap!) ? indices! : bitmap!];
}

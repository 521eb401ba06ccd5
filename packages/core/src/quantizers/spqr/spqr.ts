import type { MatrixShape } from "../../tensor/row-block.js";
import type { BilevelLayout } from "../../terms/bilevel.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { transformWeights } from "../../terms/input-transform.js";
import type { ScaleDtype } from "../../terms/term.js";
import { optionConflict } from "../affine-options.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { activationOrder, permutation } from "../error-feedback/activation-order.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { dampingOption } from "../error-feedback/damping-option.js";
import { feedbackByColumn } from "../error-feedback/feedback-loop.js";
import { keptWeights, sparseLayout } from "../fits/kept-weights.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION, scaleBits } from "../scale-options.js";
import { BilevelColumns } from "./bilevel-columns.js";
import { outlierThreshold } from "./outlier-threshold.js";

export interface SpqrOptions {
  readonly bits: number;
  readonly group: number;
  readonly scaleBits: number;
  readonly zeroBits: number;
  readonly rowsPerBlock: number;
  readonly outliers: "leave-one-out" | "simplified" | "none";
  readonly threshold: number;
  readonly actOrder: boolean;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

const DEFAULT_THRESHOLD = 0.2;

/**
 * Share of kept weights that the paper's sizes of LLaMA-7B tell of, 4.63 bits with 4-bit codes and 3.94 with 3-bit ones; with
 * 2-bit codes about ten times as many. Plans and `claimed` use it; what is really kept depends on the layer.
 */
function expectedOutliers({ bits, outliers }: Pick<SpqrOptions, "bits" | "outliers">): number {
  if (outliers === "none") return 0;
  if (bits === 2) return 0.1;
  return bits === 3 ? 0.01 : 0.0002;
}

/** Bits of an outlier besides its value: the column number of the paper's sparse form. */
const COLUMN_BITS = 16;

/** Sparse-quantized representation: very small groups with quantized scales, and the weights that hurt most kept. */
export const spqr: CalibratedQuantizer<SpqrOptions> = {
  name: "spqr",
  summary: "Groups of 16 whose scales and zeros are few bits themselves, and the weights with the largest errors kept.",
  source: "SpQR (Dettmers et al. 2023), sections 4.1 and 4.2, and its released code",
  options: {
    bits: { kind: "integer", default: 4, minimum: 2, maximum: 8, help: "Bits of a code." },
    group: { kind: "integer", default: 16, minimum: 2, maximum: 1024, help: "Weights that share a scale and a zero." },
    scaleBits: { kind: "integer", default: 3, minimum: 1, maximum: 8, help: "Bits of a scale." },
    zeroBits: { kind: "integer", default: 3, minimum: 1, maximum: 8, help: "Bits of a zero." },
    rowsPerBlock: {
      kind: "integer",
      default: 16,
      minimum: 1,
      maximum: 1024,
      help: "Rows whose scales, and zeros, of the same group lie on one grid.",
    },
    outliers: {
      kind: "choice",
      default: "leave-one-out",
      choices: ["leave-one-out", "simplified", "none"],
      help: "Weights with too large an error are kept; leave-one-out also fits the grid of a group without the weights that it would be better without.",
    },
    threshold: {
      kind: "number",
      default: DEFAULT_THRESHOLD,
      minimum: 0,
      maximum: 1000,
      help: "Squared error above which a weight is kept, as a part of the mean sensitivity of the layer; smaller keeps more.",
    },
    actOrder: {
      kind: "boolean",
      default: true,
      help: "Take the inputs with the largest activations first; this stores a permutation of the inputs.",
    },
    damping: dampingOption(1),
    scaleDtype: { ...SCALE_DTYPE_OPTION, help: "Storage dtype of the grids of scales and zeros, and of kept weights." },
  },
  check({ outliers, threshold }) {
    if (outliers === "none" && threshold !== DEFAULT_THRESHOLD) {
      throw optionConflict("spqr", "threshold", "outliers none", "no weight is kept");
    }
  },
  needs: () => ["hessian"],
  layout: (shape, options) => ({
    terms: [
      bilevelLayout(shape, options),
      ...(options.outliers === "none"
        ? []
        : [
            sparseLayout(shape, Math.round(expectedOutliers(options) * shape.rows * shape.columns), options.scaleDtype),
          ]),
    ],
    transforms: options.actOrder ? [{ kind: "permutation", columns: shape.columns }] : [],
  }),
  /** Section 4.1: b + (bs + bz) / g + 4 · 16 / (g · rows) + 32 a kept weight. */
  claimedBitsPerWeight(_, options) {
    const { bits, group, rowsPerBlock, scaleDtype } = options;
    const grids = (options.scaleBits + options.zeroBits) / group + (4 * scaleBits(scaleDtype)) / (group * rowsPerBlock);
    const kept = expectedOutliers(options) * (scaleBits(scaleDtype) + COLUMN_BITS);
    return bits + grids + kept;
  },
  quantizeLayer(layer, options, backend) {
    const { weights } = layer;
    const hessian = requiredStatistic(layer, "hessian");
    const order = options.actOrder ? activationOrder(hessian, weights.columns) : undefined;
    const { factor, diagonal, dead } = dampedFactor(hessian, weights.columns, options.damping, backend, order);
    clearDeadColumns(weights, dead, order);
    const inputTransforms = order ? [permutation(order)] : [];
    transformWeights(inputTransforms, weights, backend);

    const threshold = outlierThreshold(weights, diagonal, options.threshold);
    const columns = new BilevelColumns(
      bilevelLayout(weights, options),
      options.outliers === "none"
        ? undefined
        : { threshold, ...(options.outliers === "leave-one-out" && { diagonal }) },
    );
    const codes = feedbackByColumn(weights, factor, columns, backend);
    const term = columns.writeTerm(codes, weights);
    if (options.outliers === "none") return { terms: [term], inputTransforms };

    // Terms are summed: what is kept is the difference to the value of the grid at its place.
    const decoded = new Float32Array(weights.values.length);
    decodeTerms([term], decoded, backend);
    columns.kept.forEach((isKept, at) => {
      if (isKept) weights.values[at]! -= decoded[at]!;
    });
    return { terms: [term, keptWeights(weights, columns.kept, options.scaleDtype)], inputTransforms };
  },
};

function bilevelLayout({ rows, columns }: MatrixShape, options: SpqrOptions): BilevelLayout {
  const { bits, group, zeroBits, rowsPerBlock, scaleDtype } = options;
  return {
    kind: "bilevel",
    rows,
    columns,
    bits,
    groupSize: group,
    scaleBits: options.scaleBits,
    zeroBits,
    rowsPerBlock,
    scaleDtype,
  };
}

import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { AffineLayout } from "../../terms/affine.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import {
  AFFINE_GRID_OPTIONS,
  type AffineGridOptions,
  affineFitOptions,
  affineLayout,
  checkAffineGridOptions,
  claimedAffineBits,
  optionConflict,
} from "../affine-options.js";
import type { CalibratedLayer, CalibratedQuantizer } from "../calibrated-quantizer.js";
import { AffineColumns } from "../error-feedback/affine-columns.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { feedbackByColumn } from "../error-feedback/feedback-loop.js";
import { keptWeights, replaceKept, sparseLayout } from "../fits/kept-weights.js";
import type { StatisticKind } from "../layer-statistics.js";
import { requiredStatistic } from "../required-statistic.js";
import { scaleBits } from "../scale-options.js";
import { markLargest } from "../selection/mark-largest.js";

export interface GwqOptions extends AffineGridOptions {
  readonly bits: number;
  readonly group: number | "row";
  readonly outliers: number;
  readonly score: "abs" | "taylor" | "fisher";
  readonly base: "rtn" | "gptq";
  readonly damping: number;
}

/** Bits of a kept weight besides its value: the column number of the paper's sparse form. */
const COLUMN_BITS = 16;

/** Gradient-aware weight quantization: the weights with the largest gradients are kept, the rest goes on a uniform grid. */
export const gwq: CalibratedQuantizer<GwqOptions> = {
  name: "gwq",
  summary:
    "Keeps the weights with the largest gradients of the loss; the rest is rounded to nearest or by the loop of GPTQ.",
  source: "GWQ (Shao et al. 2024), section 3; no code was released, the choices it leaves open are options",
  options: {
    bits: { kind: "integer", default: 4, minimum: 2, maximum: 8, help: "Bits of a code." },
    group: { kind: "group", default: 128, allows: ["group", "row"], help: "Weights that share a scale and a zero." },
    outliers: {
      kind: "number",
      default: 0.01,
      minimum: 0,
      maximum: 0.5,
      help: "Part of the weights of a layer that is kept, by position, in the scale dtype.",
    },
    score: {
      kind: "choice",
      default: "abs",
      choices: ["abs", "taylor", "fisher"],
      help: "Which weights are kept: largest |g|, |g · w| or g², g the gradient of the loss by the weight.",
    },
    base: {
      kind: "choice",
      default: "rtn",
      choices: ["rtn", "gptq"],
      help: "What quantizes the rest: round to nearest, or the loop of GPTQ.",
    },
    damping: DAMPING_OPTION,
    ...AFFINE_GRID_OPTIONS,
  },
  check(options) {
    if (options.base === "rtn" && options.damping !== DAMPING_OPTION.default) {
      throw optionConflict("gwq", "damping", "base rtn", "only the loop of GPTQ reads a Hessian");
    }
    checkAffineGridOptions("gwq", options);
  },
  needs: ({ score, base }) => [gradientKind(score), ...(base === "gptq" ? (["hessian"] as const) : [])],
  layout: (shape, options) => ({
    terms: [affineLayout(shape, options), sparseLayout(shape, keptCount(shape, options), options.scaleDtype)],
    transforms: [],
  }),
  claimedBitsPerWeight(shape, options) {
    const { outliers, scaleDtype, bits } = options;
    const kept = outliers * (scaleBits(scaleDtype) + COLUMN_BITS - bits);
    return claimedAffineBits(affineLayout(shape, options)) + kept;
  },
  quantizeLayer(layer, options, backend) {
    const kept = markLargest(scores(layer, options.score), keptCount(layer.weights, options));
    const quantizeRest = options.base === "gptq" ? feedBack : roundToNearest;
    const rest = quantizeRest(layer, kept, options, backend);
    // Terms are summed: what is kept is the difference to the value of the grid at its place.
    const { values } = layer.weights;
    const decoded = new Float32Array(values.length);
    decodeTerms([rest], decoded, backend);
    for (let at = 0; at < values.length; at++) if (kept[at]) values[at]! -= decoded[at]!;
    return { terms: [rest, keptWeights(layer.weights, kept, options.scaleDtype)], inputTransforms: [] };
  },
};

function gradientKind(score: GwqOptions["score"]): StatisticKind {
  return score === "fisher" ? "gradient-square" : "gradient-abs";
}

function keptCount({ rows, columns }: { rows: number; columns: number }, { outliers }: GwqOptions): number {
  return Math.round(outliers * rows * columns);
}

function scores(layer: CalibratedLayer, score: GwqOptions["score"]): Float32Array {
  const gradients = requiredStatistic(layer, gradientKind(score));
  const { values } = layer.weights;
  if (score !== "taylor") return Float32Array.from(gradients);
  return values.map((weight, at) => Math.abs(weight * gradients[at]!));
}

function roundToNearest(
  { weights }: CalibratedLayer,
  kept: Uint8Array,
  options: GwqOptions,
  backend: KernelBackend,
): Term<AffineLayout> {
  const term = allocateTerm(affineLayout(weights, options));
  const others = { ...weights, values: weights.values.slice() };
  replaceKept(others, kept, term.layout.groupSize);
  backend.affineFit(others, term, affineFitOptions(options));
  return term;
}

/** Afterwards the weights that are kept hold what the loop made of them until it reached them. */
function feedBack(
  layer: CalibratedLayer,
  kept: Uint8Array,
  options: GwqOptions,
  backend: KernelBackend,
): Term<AffineLayout> {
  const { weights } = layer;
  const hessian = requiredStatistic(layer, "hessian");
  const { factor, dead } = dampedFactor(hessian, weights.columns, options.damping, backend);
  clearDeadColumns(weights, dead);
  const columns = new AffineColumns(affineLayout(weights, options), affineFitOptions(options), backend, kept);
  const codes = feedbackByColumn(weights, factor, columns, backend);
  for (let row = 0, at = 0; row < weights.rows; row++) {
    for (let column = 0; column < weights.columns; column++, at++) {
      if (kept[at]) codes[at] = columns.codeOfZero(row, column);
    }
  }
  return columns.writeTerm(codes);
}

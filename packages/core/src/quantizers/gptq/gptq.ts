import { transformWeights } from "../../terms/input-transform.js";
import {
  AFFINE_GRID_OPTIONS,
  type AffineGridOptions,
  affineFitOptions,
  affineLayout,
  checkAffineGridOptions,
  claimedAffineBits,
  optionConflict,
} from "../affine-options.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { activationOrder, fallingOrder, permutation, undoOrder } from "../error-feedback/activation-order.js";
import { AffineColumns } from "../error-feedback/affine-columns.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { feedbackByColumn } from "../error-feedback/feedback-loop.js";
import type { StatisticValues } from "../layer-statistics.js";
import { requiredStatistic } from "../required-statistic.js";
import { countedDiagonal } from "./released-code.js";

export interface GptqOptions extends AffineGridOptions {
  readonly bits: number;
  readonly group: number | "row";
  readonly actOrder: boolean;
  readonly staticGroups: boolean;
  readonly damping: number;
  readonly reference: boolean;
}

/** Optimal brain quantization column by column, with the error of each column passed on to those after it. */
export const gptq: CalibratedQuantizer<GptqOptions> = {
  name: "gptq",
  summary: "Round to nearest column by column; later columns make up for the error of earlier ones.",
  source: "GPTQ (Frantar et al. 2022), section 3; act_order, static_groups and the shrink search: its released code",
  options: {
    bits: { kind: "integer", default: 4, minimum: 2, maximum: 8, help: "Bits of a code." },
    group: { kind: "group", default: 128, allows: ["group", "row"], help: "Weights that share a scale and a zero." },
    actOrder: {
      kind: "boolean",
      default: true,
      help: "Take the inputs with the largest activations first; with groups this stores a permutation of the inputs.",
    },
    staticGroups: {
      kind: "boolean",
      default: false,
      help: "Fit all groups to the original weights in their original order, so that act-order stores no permutation.",
    },
    damping: DAMPING_OPTION,
    reference: {
      kind: "boolean",
      default: false,
      help: "Do as the released code where this method differs: fit groups to weights without the corrections of their own block, and count inputs that are always 0 as 1.",
    },
    ...AFFINE_GRID_OPTIONS,
  },
  check(options) {
    if (options.staticGroups && options.group === "row") {
      throw optionConflict(
        "gptq",
        "staticGroups",
        "group row",
        "one scale a row is fitted to the original weights anyway",
      );
    }
    checkAffineGridOptions("gptq", options);
  },
  needs: () => ["hessian"],
  layout: (shape, options) => ({
    terms: [affineLayout(shape, options)],
    transforms: options.actOrder && !hasStaticGroups(options) ? [{ kind: "permutation", columns: shape.columns }] : [],
  }),
  claimedBitsPerWeight: (shape, options) => claimedAffineBits(affineLayout(shape, options)),
  quantizeLayer(layer, options, backend) {
    const { weights } = layer;
    const hessian = requiredStatistic(layer, "hessian");
    const { order, damping } = preparation(hessian, weights.columns, options);
    const { factor, dead } = dampedFactor(hessian, weights.columns, damping, backend, order);
    const columns = new AffineColumns(affineLayout(weights, options), affineFitOptions(options), backend);
    // The released code fits one scale a row before it clears the weights of dead inputs, groups afterwards.
    const isEarly = options.reference && options.group === "row";
    if (isEarly) columns.fitAll(weights);
    clearDeadColumns(weights, dead, order);
    const isStatic = hasStaticGroups(options);
    if (isStatic && !isEarly) columns.fitAll(weights);
    const transforms = order ? [permutation(order)] : [];
    transformWeights(transforms, weights, backend);
    const groups = isStatic ? columns.fitted(order) : options.reference ? columns.staleGroups() : columns;
    const codes = feedbackByColumn(weights, factor, groups, backend);
    if (!isStatic) return { terms: [columns.writeTerm(codes)], inputTransforms: transforms };
    return { terms: [columns.writeTerm(order ? undoOrder(codes, order) : codes)], inputTransforms: [] };
  },
};

/** The order of the inputs, where it is not their own, and the damping as a part of the mean of inputs that are not dead. */
function preparation(
  hessian: StatisticValues,
  columns: number,
  { actOrder, damping, reference }: GptqOptions,
): { readonly order: Uint32Array | undefined; readonly damping: number } {
  if (!reference) return { order: actOrder ? activationOrder(hessian, columns) : undefined, damping };
  const { diagonal, dampingRatio } = countedDiagonal(hessian, columns);
  return { order: actOrder ? fallingOrder(diagonal) : undefined, damping: damping * dampingRatio };
}

/** One scale a row is fitted to all of its weights, before any of them is quantized: its group is static anyway. */
function hasStaticGroups({ staticGroups, group }: GptqOptions): boolean {
  return staticGroups || group === "row";
}

import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { MatrixShape } from "../../tensor/row-block.js";
import { transformWeights } from "../../terms/input-transform.js";
import { readScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { optionConflict } from "../affine-options.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { activationOrder, permutation, undoOrder } from "../error-feedback/activation-order.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { feedbackByColumn } from "../error-feedback/feedback-loop.js";
import type { StatisticValues } from "../layer-statistics.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION, scaleBits, scaleSharing } from "../scale-options.js";
import { type ColumnWeights, fitIntegerCodes } from "./fit-integer-codes.js";
import { codebookSearch } from "./integer-codebooks.js";
import { type FitBinaryCodes, SignColumns } from "./sign-columns.js";

export interface GptqtOptions {
  readonly bits: number;
  readonly group: number | "row";
  readonly coding: "integer" | "least-squares";
  readonly extraBits: number;
  readonly scaleSteps: number;
  readonly actOrder: boolean;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

const DEFAULT_EXTRA_BITS = 2;
const DEFAULT_SCALE_STEPS = 8;

/** As binary-coding has by default. */
const LEAST_SQUARES_ROUNDS = 15;

/** Quantize twice: to integers, and these to a binary code; inside the loop of GPTQ. */
export const gptqt: CalibratedQuantizer<GptqtOptions> = {
  name: "gptqt",
  summary: "GPTQ on levels of binary coding: sign planes whose scales are found on a finer grid of integers.",
  source: "GPTQT (Guo et al. 2024), section 3; the search for codebook and scale is ours, no code was released",
  options: {
    bits: { kind: "integer", default: 3, minimum: 1, maximum: 4, help: "Sign planes: bits of a weight." },
    group: { kind: "group", default: 128, allows: ["group", "row"], help: "Weights of a row that share the scales." },
    coding: {
      kind: "choice",
      default: "integer",
      choices: ["integer", "least-squares"],
      help: "How levels are found: a binary code of integers, or least-squares binary coding of the weights (for comparison).",
    },
    extraBits: {
      kind: "integer",
      default: DEFAULT_EXTRA_BITS,
      minimum: 1,
      maximum: 4,
      help: "Bits that the integers of the first step have more than codes.",
    },
    scaleSteps: {
      kind: "integer",
      default: DEFAULT_SCALE_STEPS,
      minimum: 1,
      maximum: 20,
      help: "Scales of the integers that are tried: 1, 19/20, 18/20 … of that of the whole range.",
    },
    actOrder: {
      kind: "boolean",
      default: false,
      help: "Take the inputs with the largest activations first; with groups this stores a permutation of the inputs.",
    },
    damping: DAMPING_OPTION,
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  check({ coding, extraBits, scaleSteps }) {
    if (coding === "integer") return;
    const why = "it searches no integers";
    if (extraBits !== DEFAULT_EXTRA_BITS) throw optionConflict("gptqt", "coding least-squares", "extraBits", why);
    if (scaleSteps !== DEFAULT_SCALE_STEPS) throw optionConflict("gptqt", "coding least-squares", "scaleSteps", why);
  },
  needs: () => ["hessian"],
  layout: (shape, options) => ({
    terms: planeLayouts(shape, options),
    transforms: storesOrder(options) ? [{ kind: "permutation", columns: shape.columns }] : [],
  }),
  claimedBitsPerWeight({ columns }, { bits, group, scaleDtype }) {
    const { groupSize } = scaleSharing(group, columns);
    return bits + ((bits + 1) * scaleBits(scaleDtype)) / groupSize;
  },
  quantizeLayer(layer, options, backend) {
    const { weights } = layer;
    const hessian = requiredStatistic(layer, "hessian");
    const order = options.actOrder ? activationOrder(hessian, weights.columns) : undefined;
    const { factor, diagonal, dead } = dampedFactor(hessian, weights.columns, options.damping, backend, order);
    clearDeadColumns(weights, dead, order);
    const transforms = order ? [permutation(order)] : [];
    transformWeights(transforms, weights, backend);
    const layouts = planeLayouts(weights, options);
    const fit =
      options.coding === "integer"
        ? integerCoding(columnWeights(hessian, diagonal, order), options, backend)
        : leastSquaresCoding(layouts, backend);
    const columns = new SignColumns(layouts, fit);
    const codes = feedbackByColumn(weights, factor, columns, backend);
    if (storesOrder(options)) return { terms: columns.writeTerms(codes), inputTransforms: transforms };
    return { terms: columns.writeTerms(order ? undoOrder(codes, order) : codes), inputTransforms: [] };
  },
};

/** With one group a row the order does not show in what is stored. */
function storesOrder({ actOrder, group }: GptqtOptions): boolean {
  return actOrder && group !== "row";
}

/** `bits` sign terms, the mean in the first. */
function planeLayouts({ rows, columns }: MatrixShape, { bits, group, scaleDtype }: GptqtOptions): SignLayout[] {
  const sharing = scaleSharing(group, columns);
  const plane = { kind: "sign", rows, columns, ...sharing, zones: 1, hasColumnScale: false, scaleDtype } as const;
  return Array.from({ length: bits }, (_, k) => ({ ...plane, hasMean: k === 0 }));
}

/** What H and its factor say about each column, in the order of the loop. */
function columnWeights(hessian: StatisticValues, diagonal: Float32Array, order?: Uint32Array): ColumnWeights {
  const energy = (j: number): number => hessian[(j * (j + 3)) / 2]!;
  return {
    hessian: Float32Array.from(diagonal, (_, position) => energy(order?.[position] ?? position)),
    conditional: diagonal.map((u) => 1 / u ** 2),
  };
}

function integerCoding(
  { hessian, conditional }: ColumnWeights,
  { bits, extraBits, scaleSteps }: GptqtOptions,
  backend: KernelBackend,
): FitBinaryCodes {
  const search = codebookSearch(bits, bits + extraBits);
  const factors = Array.from({ length: scaleSteps }, (_, i) => 1 - i / 20);
  return (block, first) => {
    const end = first + block.columns;
    const ofGroup = { hessian: hessian.subarray(first, end), conditional: conditional.subarray(first, end) };
    return fitIntegerCodes(block, ofGroup, search, factors, backend);
  };
}

/** Binary coding of the weights themselves, with which the paper compares. */
function leastSquaresCoding(layouts: readonly SignLayout[], backend: KernelBackend): FitBinaryCodes {
  return (block) => {
    const { rows, columns } = block;
    const sharing = { granularity: "row", groupSize: columns } as const;
    const terms = layouts.map((layout) =>
      allocateTerm({ ...layout, rows, columns, ...sharing, hasMean: false, scaleDtype: "F32" }),
    );
    backend.binaryCodingFit(block, terms, LEAST_SQUARES_ROUNDS);
    return { scales: terms.map(({ arrays }) => readScales(arrays.scale, "F32")), mean: new Float32Array(rows) };
  };
}

import type { MatrixShape, RowBlock } from "../../tensor/row-block.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { binarizeBlocks } from "../fits/binarize-blocks.js";
import { type BinaryForm, binaryLayouts } from "../fits/binary-layer.js";
import { BLOCK_OPTION, MEAN_OPTION, METRIC_OPTION, SALIENT_LIMIT_OPTION } from "../fits/binary-options.js";
import { expectedSalientColumns } from "../fits/expected-salient-columns.js";
import { greedyBinaryFit } from "../fits/greedy-binary-fit.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION } from "../scale-options.js";
import { keepMostImportant, MASK_SPAN } from "../selection/keep-n-of-m.js";
import type { SaliencyMetric } from "../selection/saliency.js";
import { selectParts } from "../selection/select-parts.js";
import { weightImportance } from "./importance.js";

export interface StbllmOptions {
  readonly prune: number;
  readonly reference: boolean;
  readonly metric: SaliencyMetric;
  readonly block: number;
  readonly salientLimit: number;
  readonly mean: boolean;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

/** Quantiles tried as the first border between the zones, from 10 % to 90 %. */
const BORDER_STEPS = 160;

/** Structured sparsity below BiLLM: N of 8 weights are 0, the others have signs in three magnitude zones. */
export const stbllm: CalibratedQuantizer<StbllmOptions> = {
  name: "stbllm",
  summary: "Some of every 8 weights are 0, the others are binarized as by BiLLM with three magnitude zones.",
  source: "STBLLM (Dong et al. 2024), sections 3.2 to 3.4; reference: its released code",
  options: {
    prune: {
      kind: "integer",
      default: 4,
      minimum: 0,
      maximum: MASK_SPAN - 1,
      help: "Weights of every 8 consecutive ones of a row that become 0 (4, 3, 2: the paper's 0.55, 0.70, 0.80 bits).",
    },
    reference: {
      kind: "boolean",
      default: false,
      help: "As the released code: pruned weights are binarized like all others, searches on the saliency, means stored.",
    },
    metric: METRIC_OPTION,
    block: BLOCK_OPTION,
    salientLimit: SALIENT_LIMIT_OPTION,
    mean: MEAN_OPTION,
    damping: DAMPING_OPTION,
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  needs: () => ["hessian"],
  layout: (shape, options) => ({
    terms: binaryLayouts(shape, formOf(options), expectedSalient(shape, options)),
    transforms: [],
  }),
  claimedBitsPerWeight: (shape, options) =>
    (1 - options.prune / MASK_SPAN) * (1 + expectedSalient(shape, options) / shape.columns),
  quantizeLayer(layer, options, backend) {
    const { prune, reference, metric, salientLimit, damping, scaleDtype } = options;
    const hasMean = hasMeans(options);
    const { weights } = layer;
    const importance = weightImportance(weights, requiredStatistic(layer, "hessian"));
    const kept = keepMostImportant({ ...weights, values: importance }, prune);
    if (reference) for (let at = 0; at < kept.length; at++) weights.values[at]! *= kept[at]!;
    const isStrict = !reference && prune > 0;

    return binarizeBlocks(layer, formOf(options), damping, backend, (block, first, diagonal) => {
      const { rest, salient } = selectParts(block, diagonal, {
        metric,
        salientLimit,
        searchOn: reference ? "saliency" : "weights",
        hasMean,
        zones: 3,
        salientZones: 1,
        steps: BORDER_STEPS,
        ...(isStrict ? { kept: columnsOf(kept, weights, first, block) } : {}),
      });
      return [
        { kind: "rest", part: rest, fit: greedyBinaryFit(rest, hasMean, scaleDtype) },
        { kind: "salient", part: salient, fit: greedyBinaryFit(salient, hasMean, scaleDtype) },
      ];
    });
  },
};

/** The mask of a block of columns. */
function columnsOf(mask: Uint8Array, { columns }: MatrixShape, first: number, block: RowBlock): Uint8Array {
  const part = new Uint8Array(block.rows * block.columns);
  for (let row = 0; row < block.rows; row++) {
    const begin = row * columns + first;
    part.set(mask.subarray(begin, begin + block.columns), row * block.columns);
  }
  return part;
}

function hasMeans({ mean, reference }: StbllmOptions): boolean {
  return mean || reference;
}

function formOf(options: StbllmOptions): BinaryForm {
  const { prune, reference, block, scaleDtype } = options;
  const part = { hasMean: hasMeans(options), hasColumnScale: false };
  return {
    blockColumns: block,
    rest: { ...part, order: 1, zones: 3 },
    salient: { ...part, order: 2, zones: 1 },
    isPruned: !reference && prune > 0,
    scaleDtype,
  };
}

function expectedSalient(shape: MatrixShape, { reference, salientLimit, block }: StbllmOptions): number {
  return expectedSalientColumns(shape, block, salientLimit, reference ? "saliency" : "weights");
}

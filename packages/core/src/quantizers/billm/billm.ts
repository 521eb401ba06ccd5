import type { MatrixShape } from "../../tensor/row-block.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { binarizeBlocks } from "../fits/binarize-blocks.js";
import { type BinaryForm, binaryLayouts } from "../fits/binary-layer.js";
import { BLOCK_OPTION, MEAN_OPTION, METRIC_OPTION, SALIENT_LIMIT_OPTION } from "../fits/binary-options.js";
import { expectedSalientColumns } from "../fits/expected-salient-columns.js";
import { greedyBinaryFit } from "../fits/greedy-binary-fit.js";
import { SCALE_DTYPE_OPTION } from "../scale-options.js";
import type { SaliencyMetric } from "../selection/saliency.js";
import { selectParts } from "../selection/select-parts.js";

export interface BillmOptions {
  readonly metric: SaliencyMetric;
  readonly reference: boolean;
  readonly block: number;
  readonly salientLimit: number;
  readonly mean: boolean;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

/** Quantiles tried as the border between the zones: 10 %, 11 % … 90 %. */
const BORDER_STEPS = 81;

/** Signs for all weights, a second plane for salient columns, two magnitude zones among the others. */
export const billm: CalibratedQuantizer<BillmOptions> = {
  name: "billm",
  summary: "Signs in two magnitude zones, salient columns twice, errors passed on block by block.",
  source: "BiLLM (Huang et al. 2024), sections 3.1 to 3.3 and algorithm 1; reference: its released code",
  options: {
    metric: METRIC_OPTION,
    reference: {
      kind: "boolean",
      default: false,
      help: "As the released code: columns and zones are searched on the saliency instead of the weights, and means are stored.",
    },
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
  claimedBitsPerWeight: (shape, options) => 1 + expectedSalient(shape, options) / shape.columns,
  quantizeLayer(layer, options, backend) {
    const { metric, reference, salientLimit, damping, scaleDtype } = options;
    const hasMean = hasMeans(options);
    const selection = {
      metric,
      salientLimit,
      searchOn: reference ? "saliency" : "weights",
      hasMean,
      zones: 2,
      salientZones: 1,
      steps: BORDER_STEPS,
    } as const;
    return binarizeBlocks(layer, formOf(options), damping, backend, (block, _first, diagonal) => {
      const { rest, salient } = selectParts(block, diagonal, selection);
      return [
        { kind: "rest", part: rest, fit: greedyBinaryFit(rest, hasMean, scaleDtype) },
        { kind: "salient", part: salient, fit: greedyBinaryFit(salient, hasMean, scaleDtype) },
      ];
    });
  },
};

function hasMeans({ mean, reference }: BillmOptions): boolean {
  return mean || reference;
}

function formOf(options: BillmOptions): BinaryForm {
  const { block, scaleDtype } = options;
  const part = { hasMean: hasMeans(options), hasColumnScale: false };
  return {
    blockColumns: block,
    rest: { ...part, order: 1, zones: 2 },
    salient: { ...part, order: 2, zones: 1 },
    isPruned: false,
    scaleDtype,
  };
}

function expectedSalient(shape: MatrixShape, { reference, salientLimit, block }: BillmOptions): number {
  return expectedSalientColumns(shape, block, salientLimit, reference ? "saliency" : "weights");
}

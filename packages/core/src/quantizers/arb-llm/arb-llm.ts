import type { MatrixShape, RowBlock } from "../../tensor/row-block.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import { DAMPING_OPTION } from "../error-feedback/damping-option.js";
import { alternatingBinaryFit } from "../fits/alternating-binary-fit.js";
import { binarizeBlocks } from "../fits/binarize-blocks.js";
import { type BinaryForm, binaryLayouts } from "../fits/binary-layer.js";
import { BLOCK_OPTION, METRIC_OPTION, SALIENT_LIMIT_OPTION } from "../fits/binary-options.js";
import { blockGram } from "../fits/block-gram.js";
import { type BlockPart, type PartFit, takePart } from "../fits/block-part.js";
import { expectedSalientColumns } from "../fits/expected-salient-columns.js";
import { inputAwareBinaryFit } from "../fits/input-aware-binary-fit.js";
import { rowColumnBinaryFit } from "../fits/row-column-binary-fit.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION } from "../scale-options.js";
import type { SaliencyMetric } from "../selection/saliency.js";
import { type BlockParts, selectParts } from "../selection/select-parts.js";

export interface ArbLlmOptions {
  readonly variant: "plain" | "x" | "rc";
  readonly columnGroupBitmap: boolean;
  readonly iterations: number;
  readonly metric: SaliencyMetric;
  readonly block: number;
  readonly salientLimit: number;
  readonly damping: number;
  readonly scaleDtype: ScaleDtype;
}

/** Quantiles tried as the border between the zones: 10 %, 11 % … 90 %. */
const BORDER_STEPS = 81;

/** BiLLM's loop with alternating refined fits, and magnitude zones for both kinds of columns. */
export const arbLlm: CalibratedQuantizer<ArbLlmOptions> = {
  name: "arb-llm",
  summary: "Alternating refined binarization: of weights (plain), of outputs (x), or with row and column scales (rc).",
  source: "ARB-LLM (Li et al. 2024), sections 3.2 (ARB), 3.3 (ARB-X), 3.4 (ARB-RC) and 3.5 (column-group bitmap)",
  options: {
    variant: {
      kind: "choice",
      default: "rc",
      choices: ["plain", "x", "rc"],
      help: "Means and scales fitted to the weights, to the outputs of the block, or a scale a row and one a column.",
    },
    columnGroupBitmap: {
      kind: "boolean",
      default: true,
      help: "Salient columns with two sign planes, and two magnitude zones for all; without it one plane and nothing else.",
    },
    iterations: { kind: "integer", default: 15, minimum: 1, maximum: 100, help: "Rounds of refinement." },
    metric: METRIC_OPTION,
    block: BLOCK_OPTION,
    salientLimit: SALIENT_LIMIT_OPTION,
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
    const { variant, columnGroupBitmap, iterations, metric, salientLimit, damping, scaleDtype } = options;
    const hessian = requiredStatistic(layer, "hessian");
    const hasMean = variant !== "rc";
    const select = (block: RowBlock, diagonal: Float32Array): BlockParts =>
      selectParts(block, diagonal, {
        metric,
        salientLimit,
        searchOn: "weights",
        hasMean,
        zones: 2,
        salientZones: 2,
        steps: BORDER_STEPS,
      });
    const fitParts = (parts: readonly BlockPart[], block: RowBlock, first: number): readonly PartFit[] => {
      if (variant === "x") {
        return inputAwareBinaryFit(parts, blockGram(hessian, first, block.columns), hasMean, iterations, scaleDtype);
      }
      if (variant === "rc") return parts.map((part) => rowColumnBinaryFit(part, iterations, scaleDtype));
      return parts.map((part) => alternatingBinaryFit(part, hasMean, iterations, scaleDtype));
    };
    return binarizeBlocks(layer, formOf(options), damping, backend, (block, first, diagonal) => {
      if (!columnGroupBitmap) {
        const whole = takePart(
          block,
          Uint32Array.from({ length: block.columns }, (_, i) => i),
          1,
        );
        return [{ kind: "rest", part: whole, fit: fitParts([whole], block, first)[0]! }];
      }
      const { rest, salient } = select(block, diagonal);
      const [restFit, salientFit] = fitParts([rest, salient], block, first);
      return [
        { kind: "rest", part: rest, fit: restFit! },
        { kind: "salient", part: salient, fit: salientFit! },
      ];
    });
  },
};

function formOf({ variant, columnGroupBitmap, block, scaleDtype }: ArbLlmOptions): BinaryForm {
  const part = {
    zones: columnGroupBitmap ? 2 : 1,
    hasMean: variant !== "rc",
    hasColumnScale: variant === "rc",
  };
  return {
    blockColumns: block,
    rest: { ...part, order: 1 },
    salient: { ...part, order: 2 },
    isPruned: false,
    scaleDtype,
  };
}

function expectedSalient(shape: MatrixShape, { columnGroupBitmap, salientLimit, block }: ArbLlmOptions): number {
  return columnGroupBitmap ? expectedSalientColumns(shape, block, salientLimit, "weights") : 0;
}

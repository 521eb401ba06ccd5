import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { CalibratedLayer, QuantizedLayer } from "../calibrated-quantizer.js";
import { clearDeadColumns, dampedFactor } from "../error-feedback/damped-factor.js";
import { feedbackByBlock } from "../error-feedback/feedback-loop.js";
import { requiredStatistic } from "../required-statistic.js";
import { type BinaryForm, BinaryLayer, type PartKind } from "./binary-layer.js";
import { type BlockPart, type PartFit, writeApproximation } from "./block-part.js";

/** The columns of one kind of a block with the code that was chosen for them. */
export interface FittedPart {
  readonly kind: PartKind;
  readonly part: BlockPart;
  readonly fit: PartFit;
}

/**
 * Fits the parts of a block.
 * @param first column of the matrix at which the block begins
 * @param diagonal U_jj of its columns
 */
export type FitBlock = (block: RowBlock, first: number, diagonal: Float32Array) => readonly FittedPart[];

/**
 * The loop that BiLLM, ARB-LLM and STBLLM share: column blocks in ascending order, each binarized from its weights as the
 * errors of earlier blocks left them.
 * @param damping share of the mean diagonal of the Hessian that is added to it
 */
export function binarizeBlocks(
  layer: CalibratedLayer,
  form: BinaryForm,
  damping: number,
  backend: KernelBackend,
  fitBlock: FitBlock,
): QuantizedLayer {
  const { weights } = layer;
  const { factor, diagonal, dead } = dampedFactor(
    requiredStatistic(layer, "hessian"),
    weights.columns,
    damping,
    backend,
  );
  clearDeadColumns(weights, dead);
  const binary = new BinaryLayer(weights, form);
  const approximate = (block: RowBlock, first: number): void => {
    const fitted = fitBlock(block, first, diagonal.subarray(first, first + block.columns));
    for (const { kind, part, fit } of fitted) {
      writeApproximation(part, fit, block);
      binary.add(kind, first, part, fit);
    }
  };
  feedbackByBlock(weights, factor, { blockColumns: form.blockColumns, approximate }, backend);
  return { terms: binary.terms(), inputTransforms: [] };
}

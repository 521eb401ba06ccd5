import type { KernelBackend } from "../backend/kernel-backend.js";
import type { MatrixShape, RowBlock } from "../tensor/row-block.js";
import type { InputTransform, TransformLayout } from "../terms/input-transform.js";
import type { Term, TermLayout } from "../terms/term.js";
import type { LayerStatistics, StatisticKind } from "./layer-statistics.js";
import type { OptionTable } from "./option-table.js";

/**
 * A method that chooses the terms of a whole layer at once, from its weights and from statistics of a calibration set. Like
 * `Quantizer` it never sees a file, a dtype of the checkpoint or a CPU.
 *
 * The same weights, statistics and backend give the same bytes, whatever the thread count.
 */
export interface CalibratedQuantizer<O extends object = object> {
  /** Name on the command line: "gptq". */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Paper or code that the method follows, with the section. */
  readonly source: string;
  readonly options: OptionTable<O>;
  /** Refuses options that exclude each other (`options/conflict`). */
  check?(options: O): void;
  /** Statistics that it reads with these options; none where it works without any. */
  needs(options: O): readonly StatisticKind[];
  /**
   * What a layer of this shape becomes, for plans: exact where the sizes follow from shape and options, else with the counts
   * that are to be expected (outliers found in the data).
   */
  layout(shape: MatrixShape, options: O): LayerLayout;
  /** Bits per weight by the paper's own rule. */
  claimedBitsPerWeight(shape: MatrixShape, options: O): number;
  /**
   * @param layer its weights may be overwritten
   * @throws `quantize/…`
   */
  quantizeLayer(layer: CalibratedLayer, options: O, backend: KernelBackend): QuantizedLayer;
}

/** What a layer becomes, without the arrays. */
export interface LayerLayout {
  readonly terms: readonly TermLayout[];
  /** In the order in which they apply to x. */
  readonly transforms: readonly TransformLayout[];
}

/** A linear layer with what calibration tells about it. */
export interface CalibratedLayer {
  /** [outFeatures, inFeatures], finite. */
  readonly weights: RowBlock;
  /** Of inputs as `weights` gets them; holds what the method needs. Its arrays are shared: leave them as they are. */
  readonly statistics: LayerStatistics;
}

/** `W ≈ Σ decode(term)` after the transforms. */
export interface QuantizedLayer {
  readonly terms: readonly Term[];
  readonly inputTransforms: readonly InputTransform[];
}

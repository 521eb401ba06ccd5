import type { BlockTypeName, FittedBlockType } from "../../blocks/block-type.js";
import type { RowBlock } from "../../tensor/row-block.js";

export type { FittedBlockType };

/** Weights into the blocks of GGUF. `block.columns` is a multiple of the type's block; every weight is finite. */
export interface BlockOps {
  /**
   * ggml's own rule without importance matrix, the same bytes as its reference functions on every backend.
   * @throws `backend/unsupported-layout` for types that are only read
   */
  blockEncode(block: RowBlock, type: BlockTypeName, blocks: Uint8Array): void;
  /**
   * The least Σ importance · (w − ŵ)² that our search finds in the same block layout: never more than that of
   * `blockEncode`. `importance` [columns]: not negative, the second moment of each input feature; absent: 1.
   */
  blockFit(block: RowBlock, type: FittedBlockType, blocks: Uint8Array, importance?: Float32Array): void;
}

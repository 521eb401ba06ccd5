import { BLOCK_FITS } from "../blocks/block-fits.js";
import type { BlockTypeName, EncodableBlockType } from "../blocks/block-type.js";
import { ENCODABLE_BLOCKS } from "../blocks/encodable-blocks.js";
import { LowbitError } from "../errors/index.js";
import type { RowBlock } from "../tensor/row-block.js";
import { checkBlock } from "./check-block.js";
import { checkLength } from "./operand-length.js";
import type { FittedBlockType } from "./ops/block-ops.js";

/**
 * Checks the operands of `blockEncode` and `blockFit`.
 * @throws `backend/operand-size`, `backend/unsupported-layout` for types that are only read
 */
export function checkBlocks(op: string, block: RowBlock, name: BlockTypeName, blocks: Uint8Array): EncodableBlockType {
  checkBlock(op, block);
  const type = Object.hasOwn(ENCODABLE_BLOCKS, name) ? ENCODABLE_BLOCKS[name] : undefined;
  if (type === undefined) {
    const known = Object.keys(ENCODABLE_BLOCKS);
    throw new LowbitError(
      "backend/unsupported-layout",
      `${op} got blocks of type ${name}; it writes ${known.join(", ")}.`,
      { op, type: name, known },
    );
  }
  if (block.columns % type.weights !== 0) {
    throw new LowbitError(
      "backend/operand-size",
      `Rows of ${block.columns} weights are no whole ${name} blocks of ${type.weights}.`,
      { found: block.columns, multipleOf: type.weights },
    );
  }
  checkLength("blocks", blocks.length, (block.rows * block.columns * type.bytes) / type.weights);
  return type;
}

/**
 * The same, and an importance of every column.
 * @throws `backend/unsupported-layout` for types without a search too
 */
export function checkBlockFit(
  block: RowBlock,
  name: FittedBlockType,
  blocks: Uint8Array,
  importance: Float32Array | undefined,
): EncodableBlockType {
  if (!Object.hasOwn(BLOCK_FITS, name)) {
    const known = Object.keys(BLOCK_FITS);
    throw new LowbitError(
      "backend/unsupported-layout",
      `blockFit has no search for blocks of type ${name}; it has one for ${known.join(", ")}.`,
      { type: name, known },
    );
  }
  if (importance !== undefined) checkLength("importance", importance.length, block.columns);
  return checkBlocks("blockFit", block, name, blocks);
}

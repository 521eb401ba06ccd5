export { BLOCK_TYPES, blockType } from "./block-table.js";
export type { BlockRefusal, BlockType, BlockTypeName, PackedBlocks } from "./block-type.js";

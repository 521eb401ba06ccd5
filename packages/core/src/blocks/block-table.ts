import { LowbitError } from "../errors/index.js";
import type { BlockType, BlockTypeName } from "./block-type.js";
import { ENCODABLE_BLOCKS } from "./encodable-blocks.js";
import { I2_S } from "./i2-s.js";
import { IQ1_M } from "./iq1-m.js";
import { IQ1_S } from "./iq1-s.js";
import { IQ2_S } from "./iq2-s.js";
import { IQ2_XS } from "./iq2-xs.js";
import { IQ2_XXS } from "./iq2-xxs.js";
import { IQ3_S } from "./iq3-s.js";
import { IQ3_XXS } from "./iq3-xxs.js";

/** The only list of block types. */
export const BLOCK_TYPES: Partial<Record<BlockTypeName, BlockType>> = {
  ...ENCODABLE_BLOCKS,
  IQ1_S,
  IQ1_M,
  IQ2_XXS,
  IQ2_XS,
  IQ2_S,
  IQ3_XXS,
  IQ3_S,
  I2_S,
};

/** @throws `gguf/unknown-type` */
export function blockType(name: BlockTypeName): BlockType {
  const found = BLOCK_TYPES[name];
  if (found !== undefined) return found;
  const known = Object.keys(BLOCK_TYPES);
  throw new LowbitError("gguf/unknown-type", `No block type is called "${name}"; known: ${known.join(", ")}.`, {
    found: name,
    known,
  });
}

import { packCodes } from "../bitpack/pack-codes.js";
import type { AffineLayout } from "../terms/affine.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { storeScale, writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import type { BlockType, EncodableBlockType } from "./block-type.js";
import { f16Value } from "./f16-bits.js";
import { packSuperBlocks } from "./pack-super-blocks.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlockFormat } from "./super-block.js";

const { fround } = Math;

type EncodeBlocks = NonNullable<BlockType["encode"]>;

/** A type of 256 weights with sub-scales as a block type: read, a term with one F32 scale (and minimum) a sub-block. */
export function superBlockType(
  name: BlockType["name"],
  id: number,
  format: SuperBlockFormat,
  encode: EncodeBlocks,
): EncodableBlockType {
  return {
    name,
    id,
    weights: SUPER_BLOCK,
    bytes: format.bytes,
    layout: (rows, columns) => superBlockLayout(format, rows, columns),
    unpack: (blocks, rows, columns) => unpackSuperBlocks(format, blocks, rows, columns),
    pack: (terms) => packSuperBlocks(format, terms),
    encode,
  };
}

function superBlockLayout(format: SuperBlockFormat, rows: number, columns: number): AffineLayout | CodebookLayout {
  const { bits, subBlock, hasMinimum, levels } = format;
  const sharing = { rows, columns, bits, granularity: "group", groupSize: subBlock, scaleDtype: "F32" } as const;
  return levels
    ? { kind: "codebook", ...sharing, codebook: "iq4" }
    : { kind: "affine", ...sharing, zero: hasMinimum ? "minimum" : "midpoint" };
}

function unpackSuperBlocks(format: SuperBlockFormat, blocks: Uint8Array, rows: number, columns: number): Term {
  const { bits, subBlock, levels, hasMinimum } = format;
  const fields = emptySuperBlock(format);
  const blockCount = (rows * columns) / SUPER_BLOCK;
  const codeBytes = (SUPER_BLOCK * bits) / 8;
  const codes = new Uint8Array(blockCount * codeBytes);
  const scale = new Uint8Array((4 * rows * columns) / subBlock);
  const minimum = hasMinimum ? new Uint8Array(scale.length) : undefined;
  for (let block = 0; block < blockCount; block++) {
    format.read(blocks, block * format.bytes, fields);
    packCodes(fields.codes, bits, codes.subarray(block * codeBytes));
    const first = block * fields.subScales.length;
    const d = f16Value(fields.scale);
    const dmin = f16Value(fields.minimum);
    // One rounding each, as ggml computes d · sub-scale before it meets the code.
    fields.subScales.forEach((step, sub) => {
      storeScale(scale, "F32", first + sub, fround(d * step));
      if (minimum) storeScale(minimum, "F32", first + sub, -fround(dmin * fields.subMinimums[sub]!));
    });
  }
  const layout = superBlockLayout(format, rows, columns);
  if (levels) return { layout, arrays: { codes, scale, table: tableBytes(levels) } } as Term;
  return { layout, arrays: { codes, scale, ...(minimum && { minimum }) } } as Term;
}

/** The table of a codebook term. */
export function tableBytes(levels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * levels.length);
  writeScales(levels, "F32", bytes);
  return bytes;
}

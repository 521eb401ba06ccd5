import { BLOCK_TYPES } from "../blocks/block-table.js";
import type { BlockTypeName } from "../blocks/block-type.js";
import type { WholeWeight } from "./layout-writer.js";
import { LAYOUT_WRITERS } from "./layout-writers.js";

/** A layout that holds a weight as it is. */
export interface FittingLayout {
  /** As `--to` takes it: "gguf:Q4_0", "gptq". */
  readonly layout: string;
  /** Present: what is rounded. */
  readonly rounded?: string;
  readonly byteLength: number;
}

/** Every layout that holds a weight without requantizing: exact ones first, then by their bytes. */
export function fittingLayouts(weight: WholeWeight): readonly FittingLayout[] {
  return [...fittingBlocks(weight), ...fittingWriters(weight)].sort(
    (left, right) =>
      Number(left.rounded !== undefined) - Number(right.rounded !== undefined) || left.byteLength - right.byteLength,
  );
}

/** The block types of GGUF that hold a weight. */
export function fittingBlocks({ terms, transforms }: WholeWeight): readonly (FittingLayout & {
  readonly type: BlockTypeName;
})[] {
  if (transforms.length > 0) return [];
  return Object.values(BLOCK_TYPES).flatMap((type) => {
    const packed = type.pack?.(terms);
    if (packed === undefined || "reason" in packed) return [];
    const { blocks, rounded } = packed;
    return [
      {
        type: type.name,
        layout: `gguf:${type.name}`,
        byteLength: blocks.byteLength,
        ...(rounded !== undefined && { rounded }),
      },
    ];
  });
}

function fittingWriters(weight: WholeWeight): FittingLayout[] {
  return LAYOUT_WRITERS.flatMap((writer) => {
    const packed = writer.pack(weight);
    if ("reason" in packed) return [];
    const { tensors, rounded } = packed;
    const byteLength = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
    return [{ layout: writer.name, byteLength, ...(rounded !== undefined && { rounded }) }];
  });
}

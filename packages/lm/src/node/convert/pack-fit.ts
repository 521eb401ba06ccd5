import { type BlockTypeName, blockType } from "@lowbit/core/blocks";
import { fittingBlocks, type WholeWeight } from "@lowbit/core/layouts";
import { describeTransform } from "@lowbit/core/terms";
import { isBlockType } from "../../gguf/choose-types.js";
import type { GgufExportType } from "../../gguf/gguf-export.js";

/** The block type that holds a weight as it is, or why none does. */
export type PackFit =
  /** @param rounded what packing rounds; absent: nothing */
  { readonly type: BlockTypeName; readonly rounded?: string } | { readonly reason: string };

/** @param wanted absent or a float type: the best of all block types */
export function packFit(whole: WholeWeight, wanted: GgufExportType | undefined): PackFit {
  const { terms, transforms } = whole;
  if (transforms.length > 0) {
    const names = transforms.map(({ layout }) => describeTransform(layout)).join(", ");
    return { reason: `its inputs are transformed (${names}), which a GGUF file cannot say` };
  }
  if (wanted === undefined || !isBlockType(wanted)) return best(whole);
  const type = blockType(wanted);
  if (type.pack === undefined) return { reason: `${wanted} is only read` };
  const result = type.pack(terms);
  if ("reason" in result) return result;
  return result.rounded === undefined ? { type: wanted } : { type: wanted, rounded: result.rounded };
}

/** The smallest of the types that hold a weight exactly; else of those that round its scales. */
function best(whole: WholeWeight): PackFit {
  const fits = fittingBlocks(whole).toSorted(
    (a, b) => Number(a.rounded !== undefined) - Number(b.rounded !== undefined) || a.byteLength - b.byteLength,
  );
  const [first] = fits;
  if (first === undefined) return { reason: "no block type holds it" };
  return first.rounded === undefined ? { type: first.type } : { type: first.type, rounded: first.rounded };
}

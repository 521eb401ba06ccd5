import type { Granularity, ScaleDtype } from "../terms/term.js";
import type { GroupOption, OptionSpec } from "./option-table.js";

/** Option `scaleDtype`, the same for all methods. */
export const SCALE_DTYPE_OPTION: OptionSpec = {
  kind: "choice",
  default: "F16",
  choices: ["F16", "BF16", "F32"],
  help: "Storage dtype of scales, means and zero points.",
};

/** Fields of a term layout that say which of `columns` weights of a row share a scale. */
export function scaleSharing(
  group: GroupOption,
  columns: number,
): { readonly granularity: Granularity; readonly groupSize: number } {
  if (typeof group === "number") return { granularity: "group", groupSize: group };
  return { granularity: group, groupSize: columns };
}

/** Bits of one stored scale. */
export function scaleBits(dtype: ScaleDtype): number {
  return dtype === "F32" ? 32 : 16;
}

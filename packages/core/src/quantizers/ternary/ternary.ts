import type { TernaryRule } from "../../backend/ops/fit-ops.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";
import {
  beginTensorLevel,
  encodeWithTensorLevel,
  foldTensorLevel,
  lookForTensorLevel,
  type TensorLevel,
  type TensorLevelPartial,
  tensorLevelPasses,
} from "./tensor-level.js";

export interface TernaryOptions {
  readonly rule: TernaryRule;
  readonly group: GroupOption;
  readonly packing: TernaryLayout["packing"];
  readonly scaleDtype: ScaleDtype;
}

/** Codes −1, 0, +1 with one level. */
export const ternary: Quantizer<TernaryOptions, TensorLevel> = {
  name: "ternary",
  summary: "Codes −1, 0, +1: the rule of BitNet b1.58, of ternary weight networks, or the least-squares level.",
  source:
    "BitNet b1.58 (Ma et al. 2024), section 2 (absmean); ternary weight networks (Li and Liu 2016), section 2.2 (twn)",
  needs: [],
  options: {
    rule: {
      kind: "choice",
      default: "absmean",
      choices: ["absmean", "twn", "least-squares"],
      help: "How level and threshold are chosen; least-squares has the least error, absmean is what BitNet trains with.",
    },
    group: {
      kind: "group",
      default: "tensor",
      allows: ["group", "row", "tensor"],
      help: "Weights that share a level.",
    },
    packing: {
      kind: "choice",
      default: "two-bit",
      choices: ["two-bit", "base-3"],
      help: "Four digits a byte (2 bits a weight, faster), or five (1.6 bits).",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout: (shape, { group, packing, scaleDtype }) => [
    {
      kind: "ternary",
      rows: shape.rows,
      columns: shape.columns,
      ...scaleSharing(group, shape.columns),
      packing,
      scaleDtype,
    },
  ],
  claimedBitsPerWeight: () => Math.log2(3),
  survey: {
    passes: ({ rule, group }) => (group === "tensor" ? tensorLevelPasses(rule) : 0),
    begin: () => beginTensorLevel(),
    look: (pass, state, block, _options, backend) => lookForTensorLevel(pass, state, block, backend),
    fold: (pass, state, partials) => foldTensorLevel(pass, state, partials as readonly TensorLevelPartial[]),
  },
  keepsBlock: true,
  quantizeRows(block, terms, { rule, group }, surveyed, backend) {
    const [term] = terms as readonly Term<TernaryLayout>[];
    if (group === "tensor") encodeWithTensorLevel(block, term!, rule, surveyed, backend);
    else backend.ternaryFit(block, term!, rule);
  },
};

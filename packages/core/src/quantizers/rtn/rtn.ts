import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import {
  AFFINE_GRID_OPTIONS,
  type AffineGridOptions,
  affineFitOptions,
  affineLayout,
  checkAffineGridOptions,
  optionConflict,
} from "../affine-options.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { beginRange, fitToRange, foldRanges, lookForRange, type WeightRange } from "./weight-range.js";

export interface RtnOptions extends AffineGridOptions {
  readonly bits: number;
  readonly group: GroupOption;
}

/** Round to nearest: a uniform grid from the smallest to the largest weight of each group. */
export const rtn: Quantizer<RtnOptions, WeightRange> = {
  name: "rtn",
  summary: "Round to nearest on a uniform grid per group, row or tensor.",
  source: "the baseline of GPTQ (Frantar et al. 2022), section 5; shrink search: the option mse of its code",
  needs: [],
  options: {
    bits: { kind: "integer", default: 4, minimum: 1, maximum: 8, help: "Bits of a code." },
    group: {
      kind: "group",
      default: 64,
      allows: ["group", "row", "tensor"],
      help: "Weights that share a scale and a zero.",
    },
    ...AFFINE_GRID_OPTIONS,
  },
  check(options) {
    const { bits, zero, group, shrink } = options;
    if (zero === "symmetric" && bits === 1)
      throw optionConflict("rtn", "zero symmetric", "bits 1", "use method binary");
    if (group === "tensor" && shrink > 1) {
      throw optionConflict("rtn", "group tensor", "shrink", "the search looks at one group at a time");
    }
    checkAffineGridOptions("rtn", options);
  },
  layout: (shape, options) => [affineLayout(shape, options)],
  claimedBitsPerWeight: (_shape, { bits }) => bits,
  survey: {
    passes: ({ group }) => (group === "tensor" ? 1 : 0),
    begin: beginRange,
    look: (_pass, _state, block, _options, backend) => lookForRange(block, backend),
    fold: (_pass, _state, partials) => foldRanges(partials as readonly WeightRange[]),
  },
  keepsBlock: true,
  quantizeRows(block, terms, options, range, backend) {
    const term = terms[0] as Term<AffineLayout>;
    if (options.group !== "tensor") {
      backend.affineFit(block, term, affineFitOptions(options));
      return;
    }
    fitToRange(term, range, options.includeZero, backend);
    backend.affineEncode(block, term);
  },
};

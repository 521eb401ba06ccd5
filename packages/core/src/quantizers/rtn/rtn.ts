import type { ShrinkSearch } from "../../backend/ops/fit-ops.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";
import { beginRange, fitToRange, foldRanges, lookForRange, type WeightRange } from "./weight-range.js";

export interface RtnOptions {
  readonly bits: number;
  readonly zero: "symmetric" | "integer" | "float" | "minimum";
  readonly group: GroupOption;
  readonly includeZero: boolean;
  readonly shrink: number;
  readonly shrinkExponent: number;
  readonly scaleDtype: ScaleDtype;
}

const DEFAULT_SHRINK_EXPONENT = 2.4;

/** Round to nearest: a uniform grid from the smallest to the largest weight of each group. */
export const rtn: Quantizer<RtnOptions, WeightRange> = {
  name: "rtn",
  summary: "Round to nearest on a uniform grid per group, row or tensor.",
  source: "the baseline of GPTQ (Frantar et al. 2022), section 5; shrink search: the option mse of its code",
  needs: [],
  options: {
    bits: { kind: "integer", default: 4, minimum: 1, maximum: 8, help: "Bits of a code." },
    zero: {
      kind: "choice",
      default: "integer",
      choices: ["symmetric", "integer", "float", "minimum"],
      help: "Where the grid lies: around 0, or by a zero point of as many bits as a code, a zero point in the scale dtype, or the smallest weight.",
    },
    group: {
      kind: "group",
      default: 64,
      allows: ["group", "row", "tensor"],
      help: "Weights that share a scale and a zero.",
    },
    includeZero: {
      kind: "boolean",
      default: false,
      help: "Widen the range of each group so that it holds 0; with zero integer it always does.",
    },
    shrink: {
      kind: "integer",
      default: 1,
      minimum: 1,
      maximum: 100,
      help: "Candidates of the search for a smaller range, each 1 % of it smaller than the one before; 1: the full range, no search.",
    },
    shrinkExponent: {
      kind: "number",
      default: DEFAULT_SHRINK_EXPONENT,
      minimum: 1,
      maximum: 4,
      help: "Exponent of the error that the search makes smallest.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  check({ bits, zero, group, includeZero, shrink, shrinkExponent }) {
    if (zero === "symmetric" && bits === 1) refuse("zero symmetric", "bits 1", "use method binary");
    if (zero === "symmetric" && includeZero) refuse("zero symmetric", "includeZero", "its grid always holds 0");
    if (group === "tensor" && shrink > 1) refuse("group tensor", "shrink", "the search looks at one group at a time");
    if (shrink === 1 && shrinkExponent !== DEFAULT_SHRINK_EXPONENT)
      refuse("shrinkExponent", "shrink 1", "there is no search without candidates");
  },
  layout(shape, { bits, zero, group, scaleDtype }) {
    const term: AffineLayout = {
      kind: "affine",
      rows: shape.rows,
      columns: shape.columns,
      bits,
      ...scaleSharing(group, shape.columns),
      zero: zero === "symmetric" ? "midpoint" : zero,
      scaleDtype,
    };
    return [term];
  },
  claimedBitsPerWeight: (_shape, { bits }) => bits,
  survey: {
    passes: ({ group }) => (group === "tensor" ? 1 : 0),
    begin: beginRange,
    look: (_pass, _state, block, _options, backend) => lookForRange(block, backend),
    fold: (_pass, _state, partials) => foldRanges(partials as readonly WeightRange[]),
  },
  keepsBlock: true,
  quantizeRows(block, terms, { group, includeZero, shrink, shrinkExponent }, range, backend) {
    const term = terms[0] as Term<AffineLayout>;
    if (group === "tensor") {
      fitToRange(term, range, includeZero, backend);
      backend.affineEncode(block, term);
      return;
    }
    const search: { shrink?: ShrinkSearch } = shrink > 1 ? { shrink: { steps: shrink, exponent: shrinkExponent } } : {};
    backend.affineFit(block, term, { includeZero, ...search });
  },
};

function refuse(one: string, other: string, why: string): never {
  throw new LowbitError("options/conflict", `Method "rtn": ${one} and ${other} exclude each other: ${why}.`, {
    method: "rtn",
    options: [one, other],
  });
}

import { LowbitError } from "../../errors/lowbit-error.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import {
  beginRankOne,
  foldRankOne,
  joinRankOne,
  lookRankOne,
  type RankOnePartial,
  type RankOneState,
  rankOneLayout,
  writeRankOne,
} from "../fits/rank-one.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleBits, scaleSharing } from "../scale-options.js";

export interface ArbOptions {
  readonly variant: "first-order" | "second-order" | "row-column";
  readonly iterations: number;
  readonly group: number | "row";
  readonly scaleDtype: ScaleDtype;
}

/** Alternating refined binarization. `row-column` is ARB-RC on the whole matrix; the others are ARB per group. */
export const arb: Quantizer<ArbOptions, RankOneState> = {
  name: "arb",
  summary: "Signs whose mean and scales are refined in turn (ARB-LLM without calibration).",
  source: "ARB-LLM (Li et al. 2024), sections 3.2 (ARB), 3.4 (ARB-RC) and the second-order form of the supplement",
  needs: [],
  options: {
    variant: {
      kind: "choice",
      default: "first-order",
      choices: ["first-order", "second-order", "row-column"],
      help: "One sign plane and a mean; two planes and a mean; or one plane with a scale a row and a scale a column.",
    },
    iterations: {
      kind: "integer",
      default: 15,
      minimum: 1,
      maximum: 100,
      help: "Rounds of refinement; with row-column each reads the tensor once.",
    },
    group: {
      kind: "group",
      default: "row",
      allows: ["group", "row"],
      help: "Weights of a row that share mean and scales; row-column takes rows only.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  check({ variant, group }) {
    if (variant !== "row-column" || group === "row") return;
    throw new LowbitError(
      "options/conflict",
      `Method "arb": variant row-column and group ${group} exclude each other: it has one scale a row (group row).`,
      { method: "arb", options: ["variant row-column", `group ${group}`] },
    );
  },
  layout(shape, { variant, group, scaleDtype }) {
    if (variant === "row-column") return [rankOneLayout(shape, scaleDtype)];
    const first: SignLayout = {
      kind: "sign",
      rows: shape.rows,
      columns: shape.columns,
      ...scaleSharing(group, shape.columns),
      zones: 1,
      hasMean: true,
      hasColumnScale: false,
      scaleDtype,
    };
    return variant === "first-order" ? [first] : [first, { ...first, hasMean: false }];
  },
  claimedBitsPerWeight({ rows, columns }, { variant, scaleDtype }) {
    if (variant === "row-column") return 1 + scaleBits(scaleDtype) * (1 / rows + 1 / columns);
    return variant === "first-order" ? 1 : 2;
  },
  survey: {
    passes: ({ variant, iterations }) => (variant === "row-column" ? iterations : 0),
    begin: (shape) => beginRankOne(shape),
    look: (_pass, state, block, _options, backend) => lookRankOne(state, block, backend),
    join: (_pass, earlier, later) => joinRankOne(earlier as RankOnePartial, later as RankOnePartial),
    fold: (_pass, state, partials) => foldRankOne(state, partials as readonly RankOnePartial[]),
  },
  keepsBlock: true,
  quantizeRows(block, terms, { variant, iterations }, surveyed, backend) {
    const signs = terms as readonly Term<SignLayout>[];
    if (variant === "row-column") writeRankOne(block, signs[0]!, surveyed, backend);
    else backend.signAlternatingFit(block, signs, iterations);
  },
};

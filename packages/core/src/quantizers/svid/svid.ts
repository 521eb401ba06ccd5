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
import { SCALE_DTYPE_OPTION, scaleBits } from "../scale-options.js";

export interface SvidOptions {
  readonly iterations: number;
  readonly scaleDtype: ScaleDtype;
}

/** Sign-value-independent decomposition: W = sign(W) ∘ |W|, |W| ≈ g hᵀ. */
export const svid: Quantizer<SvidOptions, RankOneState> = {
  name: "svid",
  summary: "Signs with one scale a row and one a column: the rank-one approximation of |W|.",
  source: "OneBit (Xu et al. 2024), section 3.2, the initialisation without the distillation",
  needs: [],
  options: {
    iterations: {
      kind: "integer",
      default: 10,
      minimum: 1,
      maximum: 100,
      help: "Rounds of alternating least squares for the two factors; each reads the tensor once.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout: (shape, { scaleDtype }) => [rankOneLayout(shape, scaleDtype)],
  claimedBitsPerWeight: ({ rows, columns }, { scaleDtype }) => 1 + scaleBits(scaleDtype) * (1 / rows + 1 / columns),
  survey: {
    passes: ({ iterations }) => iterations,
    begin: (shape) => beginRankOne(shape),
    look: (_pass, state, block, _options, backend) => lookRankOne(state, block, backend),
    join: (_pass, earlier, later) => joinRankOne(earlier as RankOnePartial, later as RankOnePartial),
    fold: (_pass, state, partials) => foldRankOne(state, partials as readonly RankOnePartial[]),
  },
  keepsBlock: true,
  quantizeRows(block, terms, _options, surveyed, backend) {
    const [term] = terms as readonly Term<SignLayout>[];
    writeRankOne(block, term!, surveyed, backend);
  },
};

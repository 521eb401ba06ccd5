import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";
import {
  beginTensorScales,
  encodeWithTensorScales,
  foldTensorScales,
  lookForTensorScales,
  type TensorScales,
  tensorScalePasses,
} from "./tensor-scales.js";

export interface BinaryOptions {
  readonly order: number;
  readonly mean: boolean;
  readonly group: GroupOption;
  readonly scaleDtype: ScaleDtype;
}

/** Sign × mean magnitude, repeated `order` times on what is left. */
export const binary: Quantizer<BinaryOptions, TensorScales> = {
  name: "binary",
  summary: "Signs with the mean magnitude as scale, one to four times on what is left.",
  source: "XNOR-Net (Rastegari et al. 2016), section 3.1; residual: network sketching (Guo et al. 2017), section 3",
  needs: [],
  options: {
    order: {
      kind: "integer",
      default: 1,
      minimum: 1,
      maximum: 4,
      help: "How many sign terms; each codes what the ones before it leave.",
    },
    mean: { kind: "boolean", default: false, help: "Code around the mean of each group, which is stored as well." },
    group: {
      kind: "group",
      default: 128,
      allows: ["group", "row", "tensor"],
      help: "Weights that share a scale (and a mean).",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout(shape, { order, mean, group, scaleDtype }) {
    const term: SignLayout = {
      kind: "sign",
      rows: shape.rows,
      columns: shape.columns,
      ...scaleSharing(group, shape.columns),
      zones: 1,
      hasMean: mean,
      hasColumnScale: false,
      scaleDtype,
    };
    return Array.from({ length: order }, () => term);
  },
  claimedBitsPerWeight: (_shape, { order }) => order,
  survey: {
    passes: (options) => (options.group === "tensor" ? tensorScalePasses(options) : 0),
    begin: (shape) => beginTensorScales(shape),
    look: (_pass, state, block, options, backend) => lookForTensorScales(state, block, options, backend),
    fold: (_pass, state, partials, options) => foldTensorScales(state, partials as readonly number[], options),
  },
  quantizeRows(block, terms, { group }, surveyed, backend) {
    const signs = terms as readonly Term<SignLayout>[];
    if (group === "tensor") return encodeWithTensorScales(block, signs, surveyed, backend);
    for (const term of signs) backend.signFit(block, term);
  },
};

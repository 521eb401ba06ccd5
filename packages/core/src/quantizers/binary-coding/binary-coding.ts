import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";

export interface BinaryCodingOptions {
  readonly planes: number;
  readonly iterations: number;
  readonly group: number | "row";
  readonly scaleDtype: ScaleDtype;
}

/** w ≈ Σ scale_k · b_k with k sign planes a group. */
export const binaryCoding: Quantizer<BinaryCodingOptions, undefined> = {
  name: "binary-coding",
  summary: "One to four sign planes with a scale each, fitted together by alternating least squares.",
  source: "Alternating multi-bit quantization (Xu et al. 2018), section 3; greedy start: Guo et al. 2017, section 3",
  needs: [],
  options: {
    planes: { kind: "integer", default: 2, minimum: 1, maximum: 4, help: "Sign planes: bits of a weight." },
    iterations: {
      kind: "integer",
      default: 15,
      minimum: 0,
      maximum: 100,
      help: "Rounds of least-squares scales and nearest codes; 0 keeps the greedy planes.",
    },
    group: {
      kind: "group",
      default: 128,
      allows: ["group", "row"],
      help: "Weights of a row that share the scales of the planes.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout(shape, { planes, group, scaleDtype }) {
    const plane: SignLayout = {
      kind: "sign",
      rows: shape.rows,
      columns: shape.columns,
      ...scaleSharing(group, shape.columns),
      zones: 1,
      hasMean: false,
      hasColumnScale: false,
      scaleDtype,
    };
    return Array.from({ length: planes }, () => plane);
  },
  claimedBitsPerWeight: (_shape, { planes }) => planes,
  keepsBlock: true,
  quantizeRows(block, terms, { iterations }, _surveyed, backend) {
    backend.binaryCodingFit(block, terms as readonly Term<SignLayout>[], iterations);
  },
};

import type { AffineLayout } from "../../terms/affine.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";

export interface HqqOptions {
  readonly bits: number;
  readonly group: GroupOption;
  readonly iterations: number;
  readonly beta: number;
  readonly kappa: number;
  readonly norm: number;
  readonly scaleDtype: ScaleDtype;
}

/** Half-quadratic quantization: min-max scales, zero points that leave a sparse error. */
export const hqq: Quantizer<HqqOptions> = {
  name: "hqq",
  summary: "Round to nearest with zero points found by half-quadratic splitting.",
  source: "Half-Quadratic Quantization (Badri and Shaji 2023), sections 2 and 3",
  needs: [],
  options: {
    bits: { kind: "integer", default: 4, minimum: 1, maximum: 8, help: "Bits of a code." },
    group: {
      kind: "group",
      default: 64,
      allows: ["group", "row"],
      help: "Weights of a row that share a scale and a zero point.",
    },
    iterations: {
      kind: "integer",
      default: 20,
      minimum: 0,
      maximum: 100,
      help: "Steps of the solver; the best zero point of each group is kept.",
    },
    beta: {
      kind: "number",
      default: 10,
      minimum: 1e-3,
      maximum: 1e6,
      help: "Weight of the quadratic part at the start; larger lets smaller errors count as outliers.",
    },
    kappa: { kind: "number", default: 1.01, minimum: 1, maximum: 2, help: "Factor of beta after each step." },
    norm: {
      kind: "number",
      default: 0.7,
      minimum: 0.05,
      maximum: 0.95,
      help: "Exponent p of the error norm; the smaller, the less outliers count.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout(shape, { bits, group, scaleDtype }) {
    const term: AffineLayout = {
      kind: "affine",
      rows: shape.rows,
      columns: shape.columns,
      bits,
      ...scaleSharing(group, shape.columns),
      zero: "float",
      scaleDtype,
    };
    return [term];
  },
  claimedBitsPerWeight: (_shape, { bits }) => bits,
  keepsBlock: true,
  quantizeRows(block, terms, { iterations, beta, kappa, norm }, _surveyed, backend) {
    backend.affineHalfQuadraticFit(block, terms[0] as Term<AffineLayout>, { iterations, beta, kappa, norm });
  },
};

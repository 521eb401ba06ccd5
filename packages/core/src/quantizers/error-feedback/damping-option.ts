import type { OptionSpec } from "../option-table.js";

/** Option `damping`: what is added to the diagonal of H, as a part of its mean. */
export const DAMPING_OPTION: OptionSpec = dampingOption(0.01);

export function dampingOption(usual: number): OptionSpec {
  return {
    kind: "number",
    default: usual,
    minimum: 1e-6,
    maximum: 10,
    help: "What is added to the diagonal of the Hessian, as a part of the mean of its diagonal; tenfold where that does not do, twice at most.",
  };
}

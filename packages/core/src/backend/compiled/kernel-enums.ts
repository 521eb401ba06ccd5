import type { AffineLayout } from "../../terms/affine.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import type { TernaryRule } from "../ops/fit-ops.js";
import type { ActivationKind } from "../ops/layer-ops.js";

/** `enum ScaleDtype` of lowbit_kernels.h. */
export const SCALE_DTYPE_NUMBER: Readonly<Record<ScaleDtype, number>> = { F16: 0, BF16: 1, F32: 2 };

/** `enum AffineZero` of lowbit_kernels.h. */
export const AFFINE_ZERO_NUMBER: Readonly<Record<AffineLayout["zero"], number>> = {
  midpoint: 0,
  integer: 1,
  float: 2,
  minimum: 3,
};

/** `enum TritPacking` of trits.h. */
export const TRIT_PACKING_NUMBER: Readonly<Record<TernaryLayout["packing"], number>> = { "two-bit": 0, "base-3": 1 };

/** `rule` of ternary_fit. */
export const TERNARY_RULE_NUMBER: Readonly<Record<TernaryRule, number>> = { absmean: 0, twn: 1, "least-squares": 2 };

/** `enum ActivationKind` of lowbit_kernels.h. */
export const ACTIVATION_NUMBER: Readonly<Record<ActivationKind, number>> = {
  silu: 0,
  gelu: 1,
  "gelu-tanh": 2,
  relu: 3,
  relu2: 4,
};

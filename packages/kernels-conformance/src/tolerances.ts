/**
 * The only differences from the reference that the suite allows. Everything that is stored (fits, encodes, decodes)
 * has none: bytes are compared.
 */

/** f32 products may add in any order and with fused multiply-add: relative to Σ |w·x|, the bound of n·2⁻²⁴ for the lengths tested. */
export const F32_PRODUCT_RELATIVE = 1e-5;

/** Layers and their gradients: relative to max(1, |y|), or to the size of the terms that a result is the sum of. */
export const LAYER_RELATIVE = 1e-6;

/** Attention and its gradient in f32: relative to the largest value, or the largest gradient of an operand. */
export const ATTENTION_RELATIVE = 1e-5;

/** Losses with f32 powers and f64 sums: relative, and absolute below 1. */
export const LOSS_RELATIVE = 1e-6;

/** The f64 factor of an inverse, rounded to f32 once: relative to the largest value of its row. */
export const FACTOR_RELATIVE = 1e-6;

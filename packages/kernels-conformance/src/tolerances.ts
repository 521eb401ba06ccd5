/**
 * The only differences from the reference that the suite allows. Everything that is stored (fits, encodes, decodes)
 * has none: bytes are compared.
 */

/** f32 products may add in any order and with fused multiply-add: relative to Σ |w·x|, the bound of n·2⁻²⁴ for the lengths tested. */
export const F32_PRODUCT_RELATIVE = 1e-5;

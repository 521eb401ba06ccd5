// The register tile of all f32 products: R rows of one matrix against T rows of another, both along their columns, so
// that neither needs repacking.
#pragma once

#include "registers.h"
#include "tile_shape.h"

namespace lowbit {
namespace LOWBIT_ISA {

// sums[r][t] = Σ_i a[r · a_stride + i] · b[t · b_stride + i], i < count.
template <int R, int T>
static inline void dot_tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int32_t count,
                            float (&sums)[R][T]) {
  FloatRegister partial[R][T] = {};
  int32_t i = 0;
  for (; i + REGISTER_FLOATS <= count; i += REGISTER_FLOATS) {
    FloatRegister right[T];
    LOWBIT_UNROLL for (int t = 0; t < T; t++) right[t] = load_register<FloatRegister>(b + t * b_stride + i);
    LOWBIT_UNROLL for (int r = 0; r < R; r++) {
      const FloatRegister left = load_register<FloatRegister>(a + r * a_stride + i);
      LOWBIT_UNROLL for (int t = 0; t < T; t++) partial[r][t] = multiply_add(left, right[t], partial[r][t]);
    }
  }
  LOWBIT_UNROLL for (int r = 0; r < R; r++)
    LOWBIT_UNROLL for (int t = 0; t < T; t++) {
      float sum = register_sum(partial[r][t]);
      for (int32_t j = i; j < count; j++) sum += a[r * a_stride + j] * b[t * b_stride + j];
      sums[r][t] = sum;
    }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// The tile of large f64 products: the outer products of DOUBLE_ROWS left and DOUBLE_COLUMNS right values, step after
// step of the inner dimension, added to sums that stay in registers (as in product_panels.h).
#pragma once

#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int REGISTER_DOUBLES = REGISTER_BYTES / 8;
typedef double DoubleRegister __attribute__((vector_size(LOWBIT_REGISTER_BYTES)));

// Sums, one row of the right panel and a left value must fit the register file: 32 registers, or 16 (AVX2, x86 under
// WASM). DOUBLE_ROWS divides DOUBLE_COLUMNS, so that right panels serve as left ones, and that divides
// LOWBIT_FACTOR_UNIT.
#if LOWBIT_REGISTER_BYTES == 64
constexpr int DOUBLE_ROWS = 8, DOUBLE_REGISTERS = 3;
#elif LOWBIT_REGISTER_BYTES == 32
constexpr int DOUBLE_ROWS = 4, DOUBLE_REGISTERS = 3;
#elif defined(__aarch64__)
constexpr int DOUBLE_ROWS = 6, DOUBLE_REGISTERS = 3;
#else
constexpr int DOUBLE_ROWS = 4, DOUBLE_REGISTERS = 2;
#endif
constexpr int DOUBLE_COLUMNS = DOUBLE_REGISTERS * REGISTER_DOUBLES;

// a·b + c, fused where the instruction set has it.
static inline DoubleRegister multiply_add(DoubleRegister a, DoubleRegister b, DoubleRegister c) {
#if defined(__AVX512BW__)
  return (DoubleRegister)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX2__) && defined(__FMA__)
  return (DoubleRegister)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(LOWBIT_ISA_NEON)
  return (DoubleRegister)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif defined(__wasm_relaxed_simd__)
  return (DoubleRegister)wasm_f64x2_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}

static inline DoubleRegister splat_double(double value) { return value - DoubleRegister{}; }

struct DoubleTile {
  DoubleRegister sums[DOUBLE_ROWS][DOUBLE_REGISTERS];
};

// Σ over `depth` steps: row r of the tile has left[step · left_stride + r], the columns right[step · DOUBLE_COLUMNS +
// …].
static inline DoubleTile multiply_double_panels(const double* left, int64_t left_stride, const double* right,
                                                int32_t depth) {
  DoubleTile tile = {};
  LOWBIT_NO_UNROLL for (int32_t l = 0; l < depth; l++) {
    DoubleRegister row[DOUBLE_REGISTERS];
    LOWBIT_UNROLL for (int v = 0; v < DOUBLE_REGISTERS; v++)
      row[v] = load_register<DoubleRegister>(right + v * REGISTER_DOUBLES);
    LOWBIT_UNROLL for (int r = 0; r < DOUBLE_ROWS; r++) {
      const DoubleRegister value = splat_double(left[r]);
      LOWBIT_UNROLL for (int v = 0; v < DOUBLE_REGISTERS; v++)
        tile.sums[r][v] = multiply_add(value, row[v], tile.sums[r][v]);
    }
    left += left_stride;
    right += DOUBLE_COLUMNS;
  }
  return tile;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// y[token, row] += Σ w[row, column] · x[token, column] for few tokens, straight from stored F16, BF16 or F32 weights: what
// counts is to keep memory busy, so rows that lie far apart are read at once as streams that the processor recognises.
#pragma once

#include "int8_sums.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Element `index` of an array of scales, as products need it: F16 by one instruction where there is one, which differs
// from load_scale in the bits of a NaN only.
static inline float load_weight(const void* array, int32_t dtype, int64_t index) {
#if defined(__F16C__)
  if (dtype == SCALE_F16) {
    uint16_t half;
    __builtin_memcpy(&half, (const uint8_t*)array + index * 2, sizeof half);
    return _cvtsh_ss(half);
  }
#endif
  return load_scale(array, dtype, index);
}

// Sixteen elements.
static inline F32x16 load_weight_lanes(const void* array, int32_t dtype, int64_t index) {
#if defined(__AVX512BW__)
  if (dtype == SCALE_F16)
    return (F32x16)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)((const uint8_t*)array + index * 2)));
#elif defined(__F16C__)
  if (dtype == SCALE_F16) {
    F32x16 v;
    for (int half = 0; half < 2; half++) {
      const __m256 part = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)((const uint8_t*)array + index * 2) + half));
      __builtin_memcpy((uint8_t*)&v + 32 * half, &part, sizeof part);
    }
    return v;
  }
#endif
  return load_scale_lanes(array, dtype, index, LANES);
}

// Rows row, row + gap, …, ROWS of them.
template <int32_t DTYPE, int ROWS, int TOKENS>
static inline void dense_products(const void* values, int64_t row, int64_t gap, int32_t rows, int32_t columns,
                                  const float* x, float* y) {
  constexpr int64_t BYTES = DTYPE == SCALE_F32 ? 4 : 2;
  F32x16 sums[ROWS][TOKENS] = {};
  int32_t i = 0;
  for (; i + LANES <= columns; i += LANES) {
    F32x16 at[TOKENS];
    LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) at[t] = load(x + (int64_t)t * columns + i);
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
      const int64_t index = (row + r * gap) * columns + i;
      prefetch((const uint8_t*)values + index * BYTES + PREFETCH_BYTES);
      const F32x16 weights = load_weight_lanes(values, DTYPE, index);
      LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) sums[r][t] += weights * at[t];
    }
  }
  for (int r = 0; r < ROWS; r++)
    for (int t = 0; t < TOKENS; t++) {
      float sum = tree_sum(sums[r][t]);
      for (int32_t j = i; j < columns; j++)
        sum += load_weight(values, DTYPE, (row + r * gap) * columns + j) * x[(int64_t)t * columns + j];
      y[(int64_t)t * rows + row + r * gap] += sum;
    }
}

template <int32_t DTYPE, int TOKENS>
static void multiply_dense_rows(const void* values, int32_t row_begin, int32_t row_end, int32_t rows, int32_t columns,
                                const float* x, float* y) {
  constexpr int ROWS = 4;
  const int64_t gap = (row_end - row_begin) / ROWS;
  for (int64_t row = row_begin; row < row_begin + gap; row++)
    dense_products<DTYPE, ROWS, TOKENS>(values, row, gap, rows, columns, x, y);
  for (int64_t row = row_begin + ROWS * gap; row < row_end; row++)
    dense_products<DTYPE, 1, TOKENS>(values, row, 0, rows, columns, x, y);
}

template <int32_t DTYPE>
static void multiply_dense_tokens(const void* values, int32_t row_begin, int32_t row_end, int32_t rows,
                                  int32_t columns, const float* x, int32_t tokens, float* y) {
  int64_t token = 0;
  for (; token + 2 <= tokens; token += 2)
    multiply_dense_rows<DTYPE, 2>(values, row_begin, row_end, rows, columns, x + token * columns, y + token * rows);
  if (token < tokens)
    multiply_dense_rows<DTYPE, 1>(values, row_begin, row_end, rows, columns, x + token * columns, y + token * rows);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

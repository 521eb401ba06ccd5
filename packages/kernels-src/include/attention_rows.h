// Rows of attention (queries of the heads that read one key head) against a block of keys: running maximum and sum of a
// row, and its share of the values (Milakov & Gimelshein, 2018; Dao et al., "FlashAttention", 2022).
#pragma once

#include "attention_shape.h"
#include "exponential.h"
#include "softmax.h"

namespace lowbit {
namespace LOWBIT_ISA {

template <int32_t MOST>
struct RowBlock {
  int32_t count;
  const float* q[MOST];
  float* y[MOST];
  // Keys that the row sees, and those of them in the block of keys.
  int32_t begin[MOST], end[MOST], first[MOST], last[MOST];
  // Of the scores so far: the largest, Σ e^(score − largest), and the factor of earlier sums when a larger one comes.
  float maximum[MOST], sum[MOST], factor[MOST];
  const float* score_rows[MOST];
  alignas(64) float scores[MOST * BLOCK];
};

struct KeyBlock {
  const float *keys, *values;
  int64_t step;
  int32_t first, count, head_size;
};

// Scores of a row become e^(score − maximum), up to the last key that it sees.
template <int32_t MOST>
static void weigh_row(RowBlock<MOST>& rows, int32_t row) {
  float* scores = rows.scores + row * BLOCK;
  const int32_t padded = registers_of(rows.last[row]) * REGISTER_FLOATS;
  for (int32_t i = 0; i < rows.first[row]; i++) scores[i] = -__builtin_inff();
  for (int32_t i = rows.last[row]; i < padded; i++) scores[i] = -__builtin_inff();
  FloatRegister largest = splat_register(rows.maximum[row]);
  for (int32_t i = 0; i < padded; i += REGISTER_FLOATS) {
    const FloatRegister v = load_register<FloatRegister>(scores + i);
    largest = v > largest ? v : largest;  // a NaN is never the largest; its power is NaN
  }
  const float maximum = register_maximum(largest);
  const FloatRegister shift = splat_register(maximum);
  FloatRegister sum = {};
  for (int32_t i = 0; i < padded; i += REGISTER_FLOATS) {
    const FloatRegister power = normal_exponential(load_register<FloatRegister>(scores + i) - shift);
    store_register(scores + i, power);
    sum += power;
  }
  const float change = rows.maximum[row] - maximum;
  rows.factor[row] = change == 0.0f ? 1.0f : normal_exponential(splat_register(change))[0];
  rows.sum[row] = rows.sum[row] * rows.factor[row] + register_sum(sum);
  rows.maximum[row] = maximum;
}

// y += Σ weights · values for one row, over some of its keys.
template <int32_t MOST>
static void add_span(RowBlock<MOST>& rows, int32_t row, const float* values, int64_t stride, int32_t begin, int32_t end,
                     int32_t offset, int32_t columns) {
  if (begin >= end) return;
  multiply_rows<1>(RowPointers<1>(rows.score_rows + row), values, stride, begin, end, registers_of(columns),
                   [&](int, int32_t column, FloatRegister sum) {
                     float* to = rows.y[row] + offset + column;
                     store_first(to, load_first(to, columns - column) + sum, columns - column);
                   });
}

// y = y · factor + Σ weights · values for R rows, over the keys that all of them see; then over what single rows see
// besides. Weights outside are 0, but a value there may be NaN.
template <int R, int32_t MOST>
static inline void add_values(RowBlock<MOST>& rows, int32_t row, const float* values, int64_t stride, int32_t offset,
                              int32_t columns) {
  int32_t first = rows.first[row], last = rows.last[row];
  for (int r = 1; r < R; r++) {
    first = greatest(first, rows.first[row + r]);
    last = least(last, rows.last[row + r]);
  }
  last = greatest(first, last);
  multiply_rows<R>(RowPointers<R>(rows.score_rows + row), values, stride, first, last, registers_of(columns),
                   [&](int r, int32_t column, FloatRegister sum) {
                     float* to = rows.y[row + r] + offset + column;
                     const FloatRegister before = load_first(to, columns - column);
                     store_first(to, multiply_add(before, splat_register(rows.factor[row + r]), sum), columns - column);
                   });
  for (int r = row; r < row + R; r++) {
    add_span(rows, r, values, stride, rows.first[r], least(first, rows.last[r]), offset, columns);
    add_span(rows, r, values, stride, greatest(last, rows.first[r]), rows.last[r], offset, columns);
  }
}

template <int32_t MOST>
static void add_values_of_rows(RowBlock<MOST>& rows, int32_t from, int32_t to, const float* values, int64_t stride,
                               int32_t offset, int32_t columns) {
  int32_t row = from;
  for (; row + PRODUCT_ROWS <= to; row += PRODUCT_ROWS)
    add_values<PRODUCT_ROWS>(rows, row, values, stride, offset, columns);
  for (; row + 3 <= to; row += 3) add_values<3>(rows, row, values, stride, offset, columns);
  for (; row < to; row++) add_values<1>(rows, row, values, stride, offset, columns);
}

// The part of the row's keys that lies in the block; its scores become weights.
template <int32_t MOST>
static inline void meet_block(RowBlock<MOST>& rows, int32_t row, const KeyBlock& block) {
  rows.last[row] = greatest(0, least(block.count, rows.end[row] - block.first));
  rows.first[row] = least(rows.last[row], greatest(0, rows.begin[row] - block.first));
  weigh_row(rows, row);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

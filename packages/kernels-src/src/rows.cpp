// Rows of tokens: sums of two, a bias on each, rows out of a table and back into it.
#include "elements.h"
#include "scales.h"
#include "wide_sums.h"

namespace lowbit {
namespace LOWBIT_ISA {

void add_to(int32_t span_begin, int32_t span_end, const float* x, float* y, int32_t count) {
  each_lanes_of_spans(span_begin, span_end, count,
                      [&](int64_t i, auto lanes) { lanes.store(y + i, lanes.load(y + i) + lanes.load(x + i)); });
}

void add_bias(int32_t row_begin, int32_t row_end, const float* bias, float* y, int32_t columns) {
  for (int32_t row = row_begin; row < row_end; row++) {
    float* to = y + (int64_t)row * columns;
    each_lanes(0, columns,
               [&](int64_t i, auto lanes) { lanes.store(to + i, lanes.load(to + i) + lanes.load(bias + i)); });
  }
}

void gather_rows(int32_t row_begin, int32_t row_end, const void* table, const uint32_t* rows, float* target,
                 int32_t columns, int32_t dtype) {
  for (int32_t row = row_begin; row < row_end; row++)
    load_scales(table, dtype, (int64_t)rows[row] * columns, columns, target + (int64_t)row * columns);
}

void scatter_rows(int32_t span_begin, int32_t span_end, const uint32_t* rows, const float* dy, float* d_table,
                  int32_t count, int32_t columns) {
  const int64_t begin = (int64_t)span_begin * LOWBIT_COLUMN_SPAN, limit = (int64_t)span_end * LOWBIT_COLUMN_SPAN;
  const int64_t end = limit < columns ? limit : columns;
  for (int32_t row = 0; row < count; row++) {
    const float* from = dy + (int64_t)row * columns;
    float* to = d_table + (int64_t)rows[row] * columns;
    each_lanes(begin, end,
               [&](int64_t i, auto lanes) { lanes.store(to + i, lanes.load(to + i) + lanes.load(from + i)); });
  }
}

void add_column_sums(int32_t span_begin, int32_t span_end, const float* x, int32_t rows, int32_t columns,
                     float* target) {
  for (int32_t span = span_begin; span < span_end; span++) {
    const int32_t begin = span * LOWBIT_COLUMN_SPAN, left = columns - begin;
    const int32_t count = left < LOWBIT_COLUMN_SPAN ? left : LOWBIT_COLUMN_SPAN;
    double sums[LOWBIT_COLUMN_SPAN] = {};
    for (int32_t row = 0; row < rows; row++) {
      const float* from = x + (int64_t)row * columns + begin;
      int32_t i = 0;
      for (; i + WIDE <= count; i += WIDE) store_as(sums + i, load_as<DoubleWide>(sums + i) + widen(from + i));
      for (; i < count; i++) sums[i] += from[i];
    }
    for (int32_t i = 0; i < count; i++) target[begin + i] = (float)(target[begin + i] + sums[i]);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

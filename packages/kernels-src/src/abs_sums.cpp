// Weighted sums of |w| by column and by row, f64: the two half steps of a rank-one fit of |W|.
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Columns are independent of each other, so a "row" of the split is a column here: threads share the columns.
void abs_column_sums(int32_t column_begin, int32_t column_end, const float* values, int32_t rows, int32_t columns,
                     const double* row_weights, double* target) {
  for (int64_t row = 0; row < rows; row++) {
    const float* from = values + row * columns;
    const double weight = row_weights[row];
    int32_t c = column_begin;
    for (; c + LANES <= column_end; c += LANES) {
      F64x16 sums;
      __builtin_memcpy(&sums, target + c, sizeof sums);
      sums = sums + __builtin_convertvector(absolute(load(from + c)), F64x16) * weight;
      __builtin_memcpy(target + c, &sums, sizeof sums);
    }
    for (; c < column_end; c++) target[c] = target[c] + (double)__builtin_fabsf(from[c]) * weight;
  }
}

void abs_row_sums(int32_t row_begin, int32_t row_end, const float* values, int32_t columns,
                  const double* column_weights, double* target) {
  for (int64_t row = row_begin; row < row_end; row++) {
    const float* from = values + row * columns;
    F64x16 sums = {};
    int32_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
      F64x16 weights;
      __builtin_memcpy(&weights, column_weights + c, sizeof weights);
      sums = sums + __builtin_convertvector(absolute(load(from + c)), F64x16) * weights;
    }
    for (int lane = 0; c < columns; c++, lane++)
      sums[lane] = sums[lane] + (double)__builtin_fabsf(from[c]) * column_weights[c];
    double s[LANES];
    __builtin_memcpy(s, &sums, sizeof s);
    for (int width = 8; width >= 1; width /= 2)
      for (int i = 0; i < width; i++) s[i] = s[i] + s[i + width];
    target[row] = s[0];
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

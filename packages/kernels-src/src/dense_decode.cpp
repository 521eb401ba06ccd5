// target[row, columns[i]] += values[row, i] (packages/core/src/terms/dense.ts).
#include "scales.h"
#include "scatter.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t DENSE_CHUNK = 512;

void dense_decode(int32_t row_begin, int32_t row_end, const void* values, const uint8_t* covered_columns,
                  int32_t columns, int32_t covered, int32_t value_dtype, float* target) {
  float chunk[DENSE_CHUNK];
  for (int32_t row = row_begin; row < row_end; row++) {
    float* out = target + (int64_t)row * columns;
    for (int32_t begin = 0; begin < covered; begin += DENSE_CHUNK) {
      const int32_t count = covered - begin < DENSE_CHUNK ? covered - begin : DENSE_CHUNK;
      load_scales(values, value_dtype, (int64_t)row * covered + begin, count, chunk);
      if (covered_columns)
        add_scattered(chunk, covered_columns, begin, count, out);
      else
        add_contiguous(chunk, count, out + begin);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

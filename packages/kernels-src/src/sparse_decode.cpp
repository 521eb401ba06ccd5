// target[row, columnIndices[i]] += values[i] (packages/core/src/terms/sparse.ts). Positions were checked before.
#include "scales.h"
#include "scatter.h"

namespace lowbit {
namespace LOWBIT_ISA {

void sparse_decode(int32_t row_begin, int32_t row_end, const uint8_t* row_starts, const uint8_t* column_indices,
                   const void* values, int32_t columns, int32_t index_bytes, int32_t value_dtype, float* target) {
  for (int32_t row = row_begin; row < row_end; row++) {
    float* out = target + (int64_t)row * columns;
    const int64_t end = load_u32(row_starts, (int64_t)row + 1);
    for (int64_t i = load_u32(row_starts, row); i < end; i++) {
      uint32_t column = 0;
      __builtin_memcpy(&column, column_indices + i * index_bytes, index_bytes == 2 ? 2 : 4);
      out[column] += load_scale(values, value_dtype, i);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Lower triangle of xᵀ·x of a block of tokens: panels of features against the panels of all features up to them.
#include "lowbit_kernels.h"
#include "product_panels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Adds row `i` of a tile, columns j_begin … j_end − 1, to the row of the triangle.
template <typename Sum>
inline void add_row(Sum* triangle, int64_t i, int32_t j_begin, int32_t j_end, const float* sums) {
  Sum* row = triangle + i * (i + 1) / 2 + j_begin;
  for (int32_t j = 0; j < j_end - j_begin; j++) row[j] += (Sum)sums[j];
}

}  // namespace

void gram_accumulate(int32_t unit_begin, int32_t unit_end, const float* x, int32_t tokens, int32_t features,
                     const float* packed, int32_t first, int32_t count, float* narrow, double* wide) {
  constexpr int32_t UNIT = LOWBIT_PANEL_ROWS;
  alignas(64) float left[UNIT * LOWBIT_GRAM_TOKENS];
  alignas(64) float sums[PANEL_ROWS * PANEL_COLUMNS];
  const int32_t units = (features - 1) / UNIT + 1;
  for (int32_t unit = unit_begin; unit < unit_end; unit++) {
    const int32_t begin = (units - 1 - unit) * UNIT, end = features - begin < UNIT ? features : begin + UNIT;
    if (end <= first) continue;
    for (int32_t i = begin; i < end; i += PANEL_ROWS)
      pack_panel<PANEL_ROWS>({x, 1, features}, i, end - i < PANEL_ROWS ? end - i : PANEL_ROWS, 0, tokens,
                             left + (i - begin) * tokens);
    const int32_t last = end < first + count ? end : first + count;
    for (int32_t j = first; j < last; j += PANEL_COLUMNS)
      for (int32_t i = begin; i < end; i += PANEL_ROWS) {
        const float* right = packed + (int64_t)(j - first) * tokens;
        multiply_panels<PANEL_ROWS, PANEL_REGISTERS>(left + (i - begin) * tokens, right, tokens, PANEL_COLUMNS,
                                                     {sums, PANEL_COLUMNS, 1, false});
        for (int32_t row = i; row < end && row < i + PANEL_ROWS; row++) {
          const int32_t j_end = row + 1 < last ? row + 1 : last;
          const float* from = sums + (row - i) * PANEL_COLUMNS;
          const int32_t columns_end = j_end < j + PANEL_COLUMNS ? j_end : j + PANEL_COLUMNS;
          if (wide != nullptr)
            add_row(wide, row, j, columns_end, from);
          else
            add_row(narrow, row, j, columns_end, from);
        }
      }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

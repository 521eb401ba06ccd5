// c[i, j] = Σ a[i, ·] · b[j, ·] in panels (product_panels.h): matmul_pack packs one operand for all threads, then
// matmul_rows or matmul_columns streams the other one past it.
#include "lowbit_kernels.h"
#include "product_panels.h"

namespace lowbit {
namespace LOWBIT_ISA {

template <int WIDTH>
static void pack_rows(int32_t begin, int32_t end, const PanelSource& source, int32_t depth, float* packed) {
  for (int32_t row = begin; row < end; row += WIDTH)
    pack_panel<WIDTH>(source, row, end - row < WIDTH ? end - row : WIDTH, 0, depth, packed + (int64_t)row * depth);
}

void matmul_pack(int32_t unit_begin, int32_t unit_end, const float* source, int32_t row_stride, int32_t column_stride,
                 int32_t rows, int32_t depth, int32_t is_left, float* packed) {
  const int32_t unit = is_left ? LOWBIT_PANEL_ROWS : LOWBIT_PANEL_COLUMNS;
  const int32_t begin = unit_begin * unit, end = unit_end * unit < rows ? unit_end * unit : rows;
  const PanelSource from = {source, row_stride, column_stride};
  if (is_left) return pack_rows<PANEL_ROWS>(begin, end, from, depth, packed);
  pack_rows<PANEL_COLUMNS>(begin, end, from, depth, packed);
}

template <bool STREAMS_LEFT>
static void multiply_streamed(int32_t begin, int32_t end, const PanelSource& source, const HeldPanels& held, float* c,
                              int64_t c_stream_stride, int64_t c_held_stride, bool accumulate) {
  stream_panels<STREAMS_LEFT>(begin, end, held, c, c_stream_stride, c_held_stride, accumulate,
                              [&](int32_t row, int32_t count, int32_t first, int32_t depth, float* packed) {
                                constexpr int WIDTH = STREAMS_LEFT ? PANEL_ROWS : PANEL_COLUMNS;
                                pack_panel<WIDTH>(source, row, count, first, depth, packed);
                              });
}

void matmul_rows(int32_t unit_begin, int32_t unit_end, const float* a, int32_t a_row_stride, int32_t a_column_stride,
                 const float* packed, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t m, int32_t n,
                 int32_t k, int32_t accumulate) {
  const int32_t begin = unit_begin * LOWBIT_PANEL_ROWS;
  const int32_t end = unit_end * LOWBIT_PANEL_ROWS < m ? unit_end * LOWBIT_PANEL_ROWS : m;
  multiply_streamed<true>(begin, end, {a, a_row_stride, a_column_stride}, {packed, n, k}, c, c_row_stride,
                          c_column_stride, accumulate != 0);
}

void matmul_columns(int32_t unit_begin, int32_t unit_end, const float* packed, const float* b, int32_t b_row_stride,
                    int32_t b_column_stride, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t m,
                    int32_t n, int32_t k, int32_t accumulate) {
  const int32_t begin = unit_begin * LOWBIT_PANEL_COLUMNS;
  const int32_t end = unit_end * LOWBIT_PANEL_COLUMNS < n ? unit_end * LOWBIT_PANEL_COLUMNS : n;
  multiply_streamed<false>(begin, end, {b, b_row_stride, b_column_stride}, {packed, m, k}, c, c_column_stride,
                           c_row_stride, accumulate != 0);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// c[i, j] = Σ a[i, ·] · b[j, ·], blocked so that TILE_HELD rows of b stay in the first cache and a block of a in the
// second.
#include "dot_tile.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t DEPTH = 1024;   // columns at a time: 6 rows are 24 KiB
constexpr int32_t A_BLOCK = 96;   // rows of a: 384 KiB

struct Product {
  const float *a, *b;
  float* c;
  int64_t k, c_row, c_column;
};

// Tile (i, j) over columns first … first + depth − 1, added to c (or written, for the first columns).
template <int R, int T>
static inline void multiply_tile(const Product& p, int32_t i, int32_t j, int32_t first, int32_t depth) {
  float sums[R][T];
  dot_tile<R, T>(p.a + i * p.k + first, p.k, p.b + j * p.k + first, p.k, depth, sums);
  for (int r = 0; r < R; r++)
    for (int t = 0; t < T; t++) {
      float* at = p.c + (i + r) * p.c_row + (j + t) * p.c_column;
      *at = first == 0 ? sums[r][t] : *at + sums[r][t];
    }
}

template <int T>
static inline void multiply_strip(const Product& p, int32_t begin, int32_t end, int32_t j, int32_t first,
                                  int32_t depth) {
  int32_t i = begin;
  for (; i + TILE_STREAMED <= end; i += TILE_STREAMED) multiply_tile<TILE_STREAMED, T>(p, i, j, first, depth);
  for (; i < end; i++) multiply_tile<1, T>(p, i, j, first, depth);
}

void matmul(int32_t row_begin, int32_t row_end, const float* a, const float* b, float* c, int32_t n, int32_t k,
            int32_t c_row_stride, int32_t c_column_stride) {
  const Product p = {a, b, c, k, c_row_stride, c_column_stride};
  for (int32_t first = 0; first == 0 || first < k; first += DEPTH) {
    const int32_t depth = k - first < DEPTH ? k - first : DEPTH;
    for (int32_t begin = row_begin; begin < row_end; begin += A_BLOCK) {
      const int32_t end = row_end - begin < A_BLOCK ? row_end : begin + A_BLOCK;
      int32_t j = 0;
      for (; j + TILE_HELD <= n; j += TILE_HELD) multiply_strip<TILE_HELD>(p, begin, end, j, first, depth);
      for (; j < n; j++) multiply_strip<1>(p, begin, end, j, first, depth);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

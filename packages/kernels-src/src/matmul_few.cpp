// c[i, j] = Σ a[i, ·] · b[j, ·] for few rows b. A strip of TILE_HELD rows of b is packed so that its registers follow each
// other (and are aligned, whatever b is), stays in the first cache, and meets a block of rows of a that stays in the
// second; a is read where it lies.
#include "lowbit_kernels.h"
#include "register_sums.h"
#include "registers.h"
#include "tile_shape.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t DEPTH = 512;   // columns at a time: a strip of 6 rows is 12 KiB
constexpr int32_t A_BLOCK = 128;  // rows of a: 256 KiB

struct Product {
  const float *a, *b;
  float* c;
  int64_t a_row, b_row, c_row, c_column;
  bool accumulate;
};

// Columns first … first + depth − 1 of T rows of b: register i of row t at (i · T + t) registers; the last one is padded
// with zeros.
template <int T>
static inline void pack_strip(const Product& p, int32_t j, int32_t first, int32_t depth, float* packed) {
  for (int t = 0; t < T; t++) {
    const float* from = p.b + (j + t) * p.b_row + first;
    float* to = packed + t * REGISTER_FLOATS;
    int32_t i = 0;
    for (; i + REGISTER_FLOATS <= depth; i += REGISTER_FLOATS, to += T * REGISTER_FLOATS) {
      const FloatRegister v = load_register<FloatRegister>(from + i);
      __builtin_memcpy(to, &v, sizeof v);
    }
    if (i < depth)
      for (int lane = 0; lane < REGISTER_FLOATS; lane++) to[lane] = i + lane < depth ? from[i + lane] : 0.0f;
  }
}

// Rows i … i + R − 1 of a against the strip, added to c (or written, for the first columns).
template <int R, int T>
static inline void multiply_tile(const Product& p, int32_t i, int32_t j, int32_t first, int32_t depth,
                                 const float* packed) {
  const float* a = p.a + i * p.a_row + first;
  FloatRegister sums[R][T] = {};
  int32_t l = 0;
  for (; l + REGISTER_FLOATS <= depth; l += REGISTER_FLOATS, packed += T * REGISTER_FLOATS) {
    FloatRegister right[T];
    LOWBIT_UNROLL for (int t = 0; t < T; t++) right[t] = load_register<FloatRegister>(packed + t * REGISTER_FLOATS);
    LOWBIT_UNROLL for (int r = 0; r < R; r++) {
      prefetch(a + (R + r) * p.a_row + l);  // of the next tile
      const FloatRegister left = load_register<FloatRegister>(a + r * p.a_row + l);
      LOWBIT_UNROLL for (int t = 0; t < T; t++) sums[r][t] = multiply_add(left, right[t], sums[r][t]);
    }
  }
  if (l < depth) {
    float rest[REGISTER_FLOATS] = {};
    for (int r = 0; r < R; r++) {
      for (int lane = 0; l + lane < depth; lane++) rest[lane] = a[r * p.a_row + l + lane];
      const FloatRegister left = load_register<FloatRegister>(rest);
      for (int t = 0; t < T; t++)
        sums[r][t] = multiply_add(left, load_register<FloatRegister>(packed + t * REGISTER_FLOATS), sums[r][t]);
    }
  }
  // All in the same order, so that no sum depends on how rows fall into tiles (threads divide them by the clock).
  constexpr int FOURS = (R * T + 3) / 4;
  float total[4 * FOURS];
  LOWBIT_UNROLL for (int four = 0; four < FOURS; four++) {
    FloatRegister group[4] = {};
    LOWBIT_UNROLL for (int i = 0; i < 4; i++)
      if (4 * four + i < R * T) group[i] = sums[(4 * four + i) / T][(4 * four + i) % T];
    four_sums(group, total + 4 * four);
  }
  LOWBIT_UNROLL for (int r = 0; r < R; r++)
    LOWBIT_UNROLL for (int t = 0; t < T; t++) {
      float* at = p.c + (i + r) * p.c_row + (j + t) * p.c_column;
      *at = first == 0 && !p.accumulate ? total[r * T + t] : *at + total[r * T + t];
    }
}

template <int T>
static inline void multiply_strip(const Product& p, int32_t begin, int32_t end, int32_t j, int32_t first,
                                  int32_t depth) {
  alignas(64) float packed[T * DEPTH];
  pack_strip<T>(p, j, first, depth, packed);
  int32_t i = begin;
  for (; i + TILE_STREAMED <= end; i += TILE_STREAMED) multiply_tile<TILE_STREAMED, T>(p, i, j, first, depth, packed);
  for (; i < end; i++) multiply_tile<1, T>(p, i, j, first, depth, packed);
}

// The last rows of b, fewer than TILE_HELD.
template <int T>
static inline void multiply_rest(const Product& p, int32_t begin, int32_t end, int32_t j, int32_t rows, int32_t first,
                                 int32_t depth) {
  if (rows == T) return multiply_strip<T>(p, begin, end, j, first, depth);
  if constexpr (T > 1) multiply_rest<T - 1>(p, begin, end, j, rows, first, depth);
}

void matmul_few(int32_t row_begin, int32_t row_end, const float* a, int32_t a_row_stride, const float* b,
                int32_t b_row_stride, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t n, int32_t k,
                int32_t accumulate) {
  const Product p = {a, b, c, a_row_stride, b_row_stride, c_row_stride, c_column_stride, accumulate != 0};
  for (int32_t first = 0; first == 0 || first < k; first += DEPTH) {
    const int32_t depth = k - first < DEPTH ? k - first : DEPTH;
    for (int32_t begin = row_begin; begin < row_end; begin += A_BLOCK) {
      const int32_t end = row_end - begin < A_BLOCK ? row_end : begin + A_BLOCK;
      int32_t j = 0;
      for (; j + TILE_HELD <= n; j += TILE_HELD) multiply_strip<TILE_HELD>(p, begin, end, j, first, depth);
      multiply_rest<TILE_HELD - 1>(p, begin, end, j, n - j, first, depth);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

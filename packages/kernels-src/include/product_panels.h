// The tile of all large f32 products, after BLIS (Van Zee & van de Geijn, 2015): both operands lie as panels, step after
// step of the inner dimension, and every step adds the outer product of PANEL_ROWS left and PANEL_COLUMNS right values to
// sums that stay in registers. Packing takes the strides of an operand away, so that every transposition costs the same.
#pragma once

#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Sums, one row of the right panel and a left value must fit the register file: 32 registers, or 16 (AVX2, x86 under
// WASM). PANEL_ROWS divides LOWBIT_PANEL_ROWS and PANEL_COLUMNS divides LOWBIT_PANEL_COLUMNS.
constexpr int PANEL_REGISTERS = 2;
#if LOWBIT_REGISTER_BYTES == 64 || defined(__aarch64__)
constexpr int PANEL_ROWS = 12;
#elif LOWBIT_REGISTER_BYTES == 32
constexpr int PANEL_ROWS = 6;
#else
constexpr int PANEL_ROWS = 4;
#endif
constexpr int PANEL_COLUMNS = PANEL_REGISTERS * REGISTER_FLOATS;

// Steps at a time: the streamed panel stays in the first cache; the more steps, the rarer the sums go through memory.
// Multiples of 40, so that packed codes and digits of a stretch begin at whole bytes.
#if LOWBIT_REGISTER_BYTES == 64
constexpr int32_t PANEL_DEPTH = 400;
#else
constexpr int32_t PANEL_DEPTH = 240;
#endif

#define LOWBIT_UNROLL_TILE _Pragma("GCC unroll 16")

// Rows of a matrix as panels take them: element (i, l) at from[i · row_stride + l · column_stride].
struct PanelSource {
  const float* from;
  int64_t row_stride, column_stride;
};

// Quads of four rows, turned into quads of four steps.
static inline void transpose_quads(const float* from, int64_t row_stride, float* to, int64_t step_stride) {
  typedef float Quad __attribute__((vector_size(16)));
  const Quad a = load_register<Quad>(from), b = load_register<Quad>(from + row_stride);
  const Quad c = load_register<Quad>(from + 2 * row_stride), d = load_register<Quad>(from + 3 * row_stride);
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const Quad steps[4] = {
      __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
      __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
  LOWBIT_UNROLL for (int i = 0; i < 4; i++) __builtin_memcpy(to + i * step_stride, &steps[i], sizeof(Quad));
}

// A cache line of every row at a time: rows often lie a power of two apart, where the first cache holds only a few lines.
constexpr int LINE_FLOATS = 16;
constexpr int PACK_AHEAD = 2 * LINE_FLOATS;

// Steps first … first + depth − 1 of `count` (<= WIDTH) rows from `row` on: packed[step · WIDTH + row]. Rows that are
// missing become zeros: their sums are not used, but what lies there could be slow (subnormal) numbers.
template <int WIDTH>
static void pack_panel(const PanelSource& source, int64_t row, int32_t count, int64_t first, int32_t depth,
                       float* packed) {
  const float* from = source.from + row * source.row_stride + first * source.column_stride;
  if (source.row_stride == 1 && count == WIDTH) {
    for (int32_t l = 0; l < depth; l++)
      __builtin_memcpy(packed + l * WIDTH, from + l * source.column_stride, WIDTH * sizeof(float));
    return;
  }
  int32_t i = 0;
  if (source.column_stride == 1) {
    i = count / 4 * 4;
    int32_t l = 0;
    for (; l + LINE_FLOATS <= depth; l += LINE_FLOATS)
      for (int32_t r = 0; r < i; r += 4) {
        const float* quad = from + r * source.row_stride + l;
        for (int t = 0; t < 4; t++) prefetch(quad + t * source.row_stride + PACK_AHEAD);
        LOWBIT_UNROLL for (int t = 0; t < LINE_FLOATS; t += 4)
          transpose_quads(quad + t, source.row_stride, packed + (l + t) * WIDTH + r, WIDTH);
      }
    for (; l < depth; l++)
      for (int32_t r = 0; r < i; r++) packed[l * WIDTH + r] = from[r * source.row_stride + l];
  }
  for (; i < count; i++)
    for (int32_t l = 0; l < depth; l++)
      packed[l * WIDTH + i] = from[i * source.row_stride + l * source.column_stride];
  for (; i < WIDTH; i++)
    for (int32_t l = 0; l < depth; l++) packed[l * WIDTH + i] = 0.0f;
}

// Where the sums of a tile go: element (i, j) at[i · row_stride + j · column_stride], added to what is there or not.
struct TileTarget {
  float* at;
  int64_t row_stride, column_stride;
  bool add;
};

// The first R rows of the left panel, the first V registers of the right one; `columns` of them are stored.
template <int R, int V>
static inline void multiply_panels(const float* left, const float* right, int32_t depth, int32_t columns,
                                   const TileTarget& target) {
  LOWBIT_UNROLL_TILE for (int r = 0; r < R; r++)
    LOWBIT_UNROLL for (int v = 0; v < V; v++) prefetch(target.at + r * target.row_stride + v * REGISTER_FLOATS);
  FloatRegister sums[R][V] = {};
  for (int32_t l = 0; l < depth; l++) {
    FloatRegister row[V];
    LOWBIT_UNROLL for (int v = 0; v < V; v++) row[v] = load_register<FloatRegister>(right + v * REGISTER_FLOATS);
    LOWBIT_UNROLL_TILE for (int r = 0; r < R; r++) {
      const FloatRegister value = splat_register(left[r]);
      LOWBIT_UNROLL for (int v = 0; v < V; v++) sums[r][v] = multiply_add(value, row[v], sums[r][v]);
    }
    left += PANEL_ROWS;
    right += PANEL_COLUMNS;
  }
  if (columns == V * REGISTER_FLOATS && target.column_stride == 1) {
    LOWBIT_UNROLL_TILE for (int r = 0; r < R; r++)
      LOWBIT_UNROLL for (int v = 0; v < V; v++) {
        float* at = target.at + r * target.row_stride + v * REGISTER_FLOATS;
        if (target.add) sums[r][v] += load_register<FloatRegister>(at);
        __builtin_memcpy(at, &sums[r][v], sizeof(FloatRegister));
      }
    return;
  }
  float rows[R][V * REGISTER_FLOATS];
  LOWBIT_UNROLL_TILE for (int r = 0; r < R; r++)
    LOWBIT_UNROLL for (int v = 0; v < V; v++)
      __builtin_memcpy(rows[r] + v * REGISTER_FLOATS, &sums[r][v], sizeof(FloatRegister));
  for (int r = 0; r < R; r++)
    for (int32_t j = 0; j < columns; j++) {
      float* at = target.at + r * target.row_stride + j * target.column_stride;
      *at = target.add ? *at + rows[r][j] : rows[r][j];
    }
}

// Not inlined: one copy for all kinds of terms.
template <int R>
__attribute__((noinline)) static void multiply_tile(const float* left, const float* right, int32_t depth, int32_t rows, int32_t columns,
                          const TileTarget& target) {
  if constexpr (R > 1) {
    if (rows < R) return multiply_tile<R - 1>(left, right, depth, rows, columns, target);
  }
  if (columns <= REGISTER_FLOATS) return multiply_panels<R, 1>(left, right, depth, columns, target);
  multiply_panels<R, PANEL_REGISTERS>(left, right, depth, columns, target);
}

// One operand packed whole, in panels of as many rows as the side has: rows first … first + P − 1 of step l at
// held[first · depth + l · P].
struct HeldPanels {
  const float* packed;
  int32_t rows, depth;
};

// Bytes of held panels that stay in the second cache while a panel of the other operand meets them.
#if LOWBIT_REGISTER_BYTES == 64
constexpr int64_t HELD_BYTES = 1 << 20;
#else
constexpr int64_t HELD_BYTES = 1 << 18;
#endif

// Rows stream_begin … stream_end − 1 of one operand against all held ones. The streamed rows are the left side (rows of
// the tile) or the right one; fill(row, count, first, depth, packed) writes a panel of them. Every element gets its sums
// in the same order however the streamed rows are divided.
template <bool STREAMS_LEFT, typename Fill>
static inline void stream_panels(int32_t stream_begin, int32_t stream_end, const HeldPanels& held, float* c,
                                 int64_t c_stream_stride, int64_t c_held_stride, bool accumulate, const Fill& fill) {
  constexpr int STREAM = STREAMS_LEFT ? PANEL_ROWS : PANEL_COLUMNS, HELD = STREAMS_LEFT ? PANEL_COLUMNS : PANEL_ROWS;
  constexpr int32_t BLOCK = (int32_t)(HELD_BYTES / (4 * PANEL_DEPTH)) / HELD * HELD;
  alignas(64) float packed[STREAM * PANEL_DEPTH];
  for (int32_t first = 0; first == 0 || first < held.depth; first += PANEL_DEPTH) {
    const int32_t depth = held.depth - first < PANEL_DEPTH ? held.depth - first : PANEL_DEPTH;
    for (int32_t block = 0; block < held.rows; block += BLOCK) {
      const int32_t block_end = held.rows - block < BLOCK ? held.rows : block + BLOCK;
      for (int32_t s = stream_begin; s < stream_end; s += STREAM) {
        const int32_t streamed = stream_end - s < STREAM ? stream_end - s : STREAM;
        fill(s, streamed, first, depth, packed);
        for (int32_t h = block; h < block_end; h += HELD) {
          const int32_t count = block_end - h < HELD ? block_end - h : HELD;
          const float* other = held.packed + (int64_t)h * held.depth + (int64_t)first * HELD;
          float* at = c + s * c_stream_stride + h * c_held_stride;
          const bool add = accumulate || first > 0;
          if constexpr (STREAMS_LEFT)
            multiply_tile<PANEL_ROWS>(packed, other, depth, streamed, count, {at, c_stream_stride, c_held_stride, add});
          else
            multiply_tile<PANEL_ROWS>(other, packed, depth, count, streamed, {at, c_held_stride, c_stream_stride, add});
        }
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// y[token, row] += Σ w[row, column] · x[token, column] in f32, for packed rows.
//
// Four ways. Few tokens and codes of 1, 2 or 4 bits: digit_rows.h. Few tokens and codes of 8 bits: sum code · x straight from
// the bytes and apply scales once a group; `Term::factors` gives group sum → scale · Σ code·x + offset · Σ x. Everything
// else: `Term::decode` writes a stretch of rows as f32, which few tokens meet as they are, and many as
// panels (product_panels.h).
#pragma once

#include "dense_rows.h"
#include "dot_tile.h"
#include "int8_sums.h"
#include "product_panels.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct FloatTokens {
  const float* x;       // [tokens, columns]
  const float* planes;  // [tokens, plane stride], null: decode
  const float* sums;    // [tokens, groups], with planes
  const float* panels;  // of many tokens, null for few
  int32_t tokens, columns, groups;
};

constexpr int FLOAT_ROW_TILE = 4;

// sums[r] += Σ code · x over one register of columns of ROWS rows, REGISTER_FLOATS bytes of codes each.
template <int ROWS>
static inline void add_float_codes(const uint8_t* codes, int64_t row_gap, const float* x, FloatRegister (&sums)[ROWS]) {
  const FloatRegister at = load_register<FloatRegister>(x);
  LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
    sums[r] = multiply_add(small_floats(widen_bytes(codes + r * row_gap)), at, sums[r]);
}

// products[r] = row `row` + r·gap of the term times one token.
template <int ROWS, typename Term>
static inline void planar_products(const Term& term, int64_t row, int64_t gap, const uint8_t* codes, int64_t row_bytes,
                                   int64_t group_bytes, const float* planes, const float* x_sums, int32_t groups,
                                   float (&products)[ROWS]) {
  const int64_t row_gap = gap * row_bytes;
  FloatRegister total[ROWS] = {};
  float offsets[ROWS] = {};
  for (int32_t group = 0; group < groups; group++) {
    const int64_t begin = group * group_bytes;
    const int64_t end = begin + group_bytes < row_bytes ? begin + group_bytes : row_bytes;
    FloatRegister sums[ROWS] = {};
    int64_t at = begin;
    for (; at + REGISTER_FLOATS <= end; at += REGISTER_FLOATS) {
      if (at % 64 < REGISTER_FLOATS)
        for (int r = 0; r < ROWS; r++) prefetch(codes + r * row_gap + at + PREFETCH_BYTES);
      add_float_codes<ROWS>(codes + at, row_gap, planes + at, sums);
    }
    if (at < end) {
      uint8_t rest[ROWS][REGISTER_FLOATS] = {};
      for (int r = 0; r < ROWS; r++)
        for (int64_t i = at; i < end; i++) rest[r][i - at] = codes[r * row_gap + i];
      add_float_codes<ROWS>(rest[0], REGISTER_FLOATS, planes + at, sums);
    }
    for (int r = 0; r < ROWS; r++) {
      float scale, offset;
      term.factors(row + r * gap, group, scale, offset);
      total[r] = multiply_add(splat_register(scale), sums[r], total[r]);
      offsets[r] += offset * x_sums[group];
    }
  }
  for (int r = 0; r < ROWS; r++) products[r] = register_sum(total[r]) + offsets[r];
}

template <int ROWS, typename Term>
static inline void float_plane_rows(const Term& term, int64_t row, int64_t gap, int32_t rows, const uint8_t* codes,
                                    int64_t row_bytes, int64_t group_bytes, const FloatTokens& in, float* y) {
  const int64_t stride = plane_stride(in.columns, 1);
  for (int64_t token = 0; token < in.tokens; token++) {
    float products[ROWS];
    planar_products<ROWS>(term, row, gap, codes + row * row_bytes, row_bytes, group_bytes, in.planes + token * stride,
                          in.sums + token * in.groups, in.groups, products);
    for (int r = 0; r < ROWS; r++) y[token * rows + row + r * gap] += products[r];
  }
}

// As in int8_rows.h: tiles of rows that lie far apart are streams that the processor recognises.
template <typename Term>
static void multiply_float_planes(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows,
                                  const uint8_t* codes, int64_t row_bytes, int64_t group_bytes, const FloatTokens& in,
                                  float* y) {
  const int64_t gap = (row_end - row_begin) / FLOAT_ROW_TILE;
  for (int64_t row = row_begin; row < row_begin + gap; row++)
    float_plane_rows<FLOAT_ROW_TILE>(term, row, gap, rows, codes, row_bytes, group_bytes, in, y);
  for (int64_t row = row_begin + FLOAT_ROW_TILE * gap; row < row_end; row++)
    float_plane_rows<1>(term, row, 0, rows, codes, row_bytes, group_bytes, in, y);
}

constexpr int32_t DECODE_COLUMNS = 640;  // a multiple of 8 codes and of 4 and 5 digits

template <typename Term>
static void multiply_decoded_panels(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows,
                                    const FloatTokens& in, float* y) {
  static_assert(PANEL_DEPTH <= DECODE_COLUMNS && PANEL_DEPTH % 40 == 0, "stretches begin at whole bytes of codes");
  alignas(64) float decoded[PANEL_COLUMNS * PANEL_DEPTH];
  const auto fill = [&](int32_t row, int32_t count, int32_t first, int32_t depth, float* packed) {
    for (int32_t r = 0; r < count; r++) term.decode(row + r, first, depth, decoded + r * PANEL_DEPTH);
    pack_panel<PANEL_COLUMNS>({decoded, PANEL_DEPTH, 1}, 0, count, 0, depth, packed);
  };
  stream_panels<false>(row_begin, row_end, {in.panels, in.tokens, in.columns}, y, 1, rows, true, fill);
}

template <typename Term>
static void multiply_decoded(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const FloatTokens& in,
                             float* y) {
  if (in.panels) return multiply_decoded_panels(term, row_begin, row_end, rows, in, y);
  constexpr int T = TILE_STREAMED, R = TILE_HELD;
  float decoded[R][DECODE_COLUMNS] = {};
  for (int32_t row = row_begin; row < row_end; row += R) {
    const int32_t count = row_end - row < R ? row_end - row : R;
    for (int32_t begin = 0; begin < in.columns; begin += DECODE_COLUMNS) {
      const int32_t width = in.columns - begin < DECODE_COLUMNS ? in.columns - begin : DECODE_COLUMNS;
      for (int32_t r = 0; r < count; r++) term.decode(row + r, begin, width, decoded[r]);
      const float* x = in.x + begin;
      int64_t token = 0;
      for (; token + T <= in.tokens; token += T) {
        float sums[T][R];
        dot_tile<T, R>(x + token * in.columns, in.columns, decoded[0], DECODE_COLUMNS, width, sums);
        for (int t = 0; t < T; t++)
          for (int32_t r = 0; r < count; r++) y[(token + t) * rows + row + r] += sums[t][r];
      }
      for (; token < in.tokens; token++) {
        float sums[1][R];
        dot_tile<1, R>(x + token * in.columns, in.columns, decoded[0], DECODE_COLUMNS, width, sums);
        for (int32_t r = 0; r < count; r++) y[token * rows + row + r] += sums[0][r];
      }
    }
  }
}

// Calls visit(group, begin, end) for the stretches of groups within columns begin … begin + count − 1, in coordinates
// of the stretch.
template <typename Visit>
static inline void each_group(int32_t begin, int32_t count, int32_t group_size, const Visit& visit) {
  for (int32_t at = 0; at < count;) {
    const int32_t group = (begin + at) / group_size, left = group_size - (begin + at) % group_size;
    const int32_t end = count - at < left ? count : at + left;
    visit(group, at, end);
    at = end;
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

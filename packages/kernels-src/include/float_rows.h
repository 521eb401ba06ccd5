// y[token, row] += Σ w[row, column] · x[token, column] in f32, for packed rows.
//
// Three ways. Few tokens, and codes whose fields lie evenly in bytes: sum code · x straight from the packed bytes against
// planes of x (int8_sums.h) and apply scales once a group; `Term::factors` gives group sum → scale · Σ code·x + offset ·
// Σ x. Everything else: `Term::decode` writes a stretch of rows as f32, which few tokens meet as they are, and many as
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
  const float* planes;  // [tokens, fields, plane stride], null: decode
  const float* sums;    // [tokens, groups], with planes
  const float* panels;  // of many tokens, null for few
  int32_t tokens, columns, groups;
};

constexpr int FLOAT_ROW_TILE = 4;

#if defined(__AVX512BW__)
// By the low four bits of a byte: a code of four bits, the lower of two codes of two bits, the upper one in its place.
alignas(64) constexpr float FIELD_TABLES[3][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                                   {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3},
                                                   {0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12}};
#endif

// sums[r][…] += Σ code · x over one register of columns of ROWS rows, REGISTER_FLOATS bytes of codes each.
template <int BITS, int ROWS, int CHAINS>
static inline void add_float_fields(const uint8_t* codes, int64_t row_gap, const float* x, int64_t stride,
                                    FloatRegister (&sums)[ROWS][CHAINS]) {
  constexpr int FIELDS = 8 / BITS;
#if defined(__AVX512BW__)
  if constexpr (BITS == 1) {
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
      const __m128i bytes = _mm_loadu_si128((const __m128i*)(codes + r * row_gap));
      LOWBIT_UNROLL for (int f = 0; f < FIELDS; f++)
        sums[r][f % CHAINS] = (FloatRegister)_mm512_mask3_fmadd_ps(
            _mm512_loadu_ps(x + f * stride), _mm512_set1_ps((float)(1 << f)), (__m512)sums[r][f % CHAINS],
            _mm_test_epi8_mask(bytes, _mm_set1_epi8((char)(1 << f))));
    }
    return;
  }
#endif
  IntRegister v[ROWS];
  LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) v[r] = widen_bytes(codes + r * row_gap);
#if defined(__AVX512BW__)
  // A permutation reads the low four bits of a lane, one field or two, as index of a table that holds their values.
  if constexpr (BITS == 2 || BITS == 4) {
    const __m512 low = _mm512_loadu_ps(FIELD_TABLES[BITS == 4 ? 0 : 1]);
    const __m512 high = _mm512_loadu_ps(FIELD_TABLES[2]);
    LOWBIT_UNROLL for (int half = 0; half < 2; half++) {
      const __m512 factor = _mm512_set1_ps(half ? 16.0f : 1.0f);
      const __m512 tables[2] = {_mm512_mul_ps(low, factor), _mm512_mul_ps(high, factor)};
      LOWBIT_UNROLL for (int part = 0; part < FIELDS / 2; part++) {
        const int f = half * FIELDS / 2 + part;
        const FloatRegister at = load_register<FloatRegister>(x + f * stride);
        LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
          const FloatRegister value = (FloatRegister)_mm512_permutexvar_ps((__m512i)(half ? v[r] >> 4 : v[r]), tables[part]);
          sums[r][f % CHAINS] = multiply_add(value, at, sums[r][f % CHAINS]);
        }
      }
    }
    return;
  }
#endif
  LOWBIT_UNROLL for (int f = 0; f < FIELDS; f++) {
    const FloatRegister at = load_register<FloatRegister>(x + f * stride);
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
      const IntRegister field = v[r] & (((1 << BITS) - 1) << (f * BITS));
      sums[r][f % CHAINS] = multiply_add(small_floats(field), at, sums[r][f % CHAINS]);
    }
  }
}

// products[r] = row `row` + r·gap of the term times one token.
template <int BITS, int ROWS, typename Term>
static inline void planar_products(const Term& term, int64_t row, int64_t gap, const uint8_t* codes, int64_t row_bytes,
                                   int64_t group_bytes, const float* planes, int64_t stride, const float* x_sums,
                                   int32_t groups, float (&products)[ROWS]) {
  constexpr int CHAINS = BITS == 8 ? 1 : 2;
  const int64_t row_gap = gap * row_bytes;
  FloatRegister total[ROWS] = {};
  float offsets[ROWS] = {};
  for (int32_t group = 0; group < groups; group++) {
    const int64_t begin = group * group_bytes;
    const int64_t end = begin + group_bytes < row_bytes ? begin + group_bytes : row_bytes;
    FloatRegister sums[ROWS][CHAINS] = {};
    int64_t at = begin;
    for (; at + REGISTER_FLOATS <= end; at += REGISTER_FLOATS) {
      if (at % 64 < REGISTER_FLOATS)
        for (int r = 0; r < ROWS; r++) prefetch(codes + r * row_gap + at + PREFETCH_BYTES);
      add_float_fields<BITS, ROWS, CHAINS>(codes + at, row_gap, planes + at, stride, sums);
    }
    if (at < end) {
      uint8_t rest[ROWS][REGISTER_FLOATS] = {};
      for (int r = 0; r < ROWS; r++)
        for (int64_t i = at; i < end; i++) rest[r][i - at] = codes[r * row_gap + i];
      add_float_fields<BITS, ROWS, CHAINS>(rest[0], REGISTER_FLOATS, planes + at, stride, sums);
    }
    for (int r = 0; r < ROWS; r++) {
      float scale, offset;
      term.factors(row + r * gap, group, scale, offset);
      for (int i = 1; i < CHAINS; i++) sums[r][0] += sums[r][i];
      total[r] = multiply_add(splat_register(scale), sums[r][0], total[r]);
      offsets[r] += offset * x_sums[group];
    }
  }
  for (int r = 0; r < ROWS; r++) products[r] = register_sum(total[r]) + offsets[r];
}

template <int BITS, int ROWS, typename Term>
static inline void float_plane_rows(const Term& term, int64_t row, int64_t gap, int32_t rows, const uint8_t* codes,
                                    int64_t row_bytes, int64_t group_bytes, const FloatTokens& in, float* y) {
  const int64_t stride = plane_stride(in.columns, 8 / BITS);
  for (int64_t token = 0; token < in.tokens; token++) {
    float products[ROWS];
    planar_products<BITS, ROWS>(term, row, gap, codes + row * row_bytes, row_bytes, group_bytes,
                                in.planes + token * stride * (8 / BITS), stride, in.sums + token * in.groups, in.groups,
                                products);
    for (int r = 0; r < ROWS; r++) y[token * rows + row + r * gap] += products[r];
  }
}

// As in int8_rows.h: tiles of rows that lie far apart are streams that the processor recognises.
template <int BITS, typename Term>
static void multiply_float_planes(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows,
                                  const uint8_t* codes, int64_t row_bytes, int64_t group_bytes, const FloatTokens& in,
                                  float* y) {
  const int64_t gap = (row_end - row_begin) / FLOAT_ROW_TILE;
  for (int64_t row = row_begin; row < row_begin + gap; row++)
    float_plane_rows<BITS, FLOAT_ROW_TILE>(term, row, gap, rows, codes, row_bytes, group_bytes, in, y);
  for (int64_t row = row_begin + FLOAT_ROW_TILE * gap; row < row_end; row++)
    float_plane_rows<BITS, 1>(term, row, 0, rows, codes, row_bytes, group_bytes, in, y);
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

// y[token, row] += Σ w[row, column] · x[token, column] in f32, for packed rows.
//
// Two ways. One or few tokens, and codes whose fields lie evenly in bytes: sum code · x straight from the packed bytes
// against planes of x (int8_sums.h) and apply scales once a group; `Term::factors` gives group sum → scale · Σ code·x +
// offset · Σ x. Everything else: `Term::decode` writes a stretch of a few rows as f32, which all tokens then meet.
#pragma once

#include "dot_tile.h"
#include "int8_sums.h"
#include "scale_vectors.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct FloatTokens {
  const float* x;       // [tokens, columns]
  const float* planes;  // [tokens, fields, plane stride], null: decode
  const float* sums;    // [tokens, groups], with planes
  int32_t tokens, columns, groups;
};

// sums[f] += Σ field f of the codes · x of plane f.
template <int BITS>
static inline void add_float_fields(QuarterBytes packed, const float* x, int64_t stride,
                                    FloatRegister (&sums)[8 / BITS]) {
  const IntRegister codes = __builtin_convertvector(packed, IntRegister);
  for (int f = 0; f < 8 / BITS; f++) {
    const IntRegister field = (codes >> (f * BITS)) & ((1 << BITS) - 1);
    const FloatRegister values = __builtin_convertvector(field, FloatRegister);
    sums[f] = multiply_add(values, load_register<FloatRegister>(x + f * stride), sums[f]);
  }
}

template <int BITS, typename Term>
static inline float planar_product(const Term& term, int64_t row, const uint8_t* codes, int64_t row_bytes,
                                   int64_t group_bytes, const float* planes, int64_t stride, const float* x_sums,
                                   int32_t groups) {
  FloatRegister total = {};
  float offsets = 0;
  for (int32_t group = 0; group < groups; group++) {
    const int64_t begin = group * group_bytes;
    const int64_t end = begin + group_bytes < row_bytes ? begin + group_bytes : row_bytes;
    FloatRegister sums[8 / BITS] = {};
    int64_t at = begin;
    for (; at + REGISTER_FLOATS <= end; at += REGISTER_FLOATS) {
      if (at % 64 < REGISTER_FLOATS) prefetch_ahead(codes + at);
      add_float_fields<BITS>(load_register<QuarterBytes>(codes + at), planes + at, stride, sums);
    }
    if (at < end) {
      uint8_t rest[REGISTER_FLOATS] = {};
      __builtin_memcpy(rest, codes + at, (unsigned long)(end - at));
      add_float_fields<BITS>(load_register<QuarterBytes>(rest), planes + at, stride, sums);
    }
    for (int f = 1; f < 8 / BITS; f++) sums[0] += sums[f];
    float scale, offset;
    term.factors(row, group, scale, offset);
    total = multiply_add(splat_register(scale), sums[0], total);
    offsets += offset * x_sums[group];
  }
  return register_sum(total) + offsets;
}

template <int BITS, typename Term>
static void multiply_float_planes(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows,
                                  const uint8_t* codes, int64_t row_bytes, int64_t group_bytes, const FloatTokens& in,
                                  float* y) {
  const int64_t stride = plane_stride(in.columns, 8 / BITS);
  for (int64_t row = row_begin; row < row_end; row++)
    for (int64_t token = 0; token < in.tokens; token++)
      y[token * rows + row] +=
          planar_product<BITS>(term, row, codes + row * row_bytes, row_bytes, group_bytes,
                               in.planes + token * stride * (8 / BITS), stride, in.sums + token * in.groups, in.groups);
}

constexpr int32_t DECODE_COLUMNS = 640;  // a multiple of 8 codes and of 4 and 5 digits

template <typename Term>
static void multiply_decoded(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const FloatTokens& in,
                             float* y) {
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

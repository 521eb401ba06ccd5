// y[token, row] += Σ w[row, column] · x[token, column] for few tokens of f32 activations, straight from codes of 1, 2 or 4
// bits.
//
// Within a group the activations are fixed-point numbers (float_digits of activations.cpp): x = scale · (d0 + 2^8·d1 +
// 2^16·d2) with three int8 digits. Each is off by at most 2^-23 of the largest of its group: no more than f32 additions
// lose, unless one activation dwarfs the others of a long group. Digits meet codes as int8 activations do
// (int8_sums.h), 64 weights an instruction where float products have 16, and a group's sums of each digit are exact.
// `Term::factors` gives group sum → step · Σ code·x + offset · Σ x.
//
// Every row is summed in the same way whatever rows are read beside it, so results do not depend on how rows are divided
// among threads.
#pragma once

#include "int8_sums.h"
#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int DIGITS = 3;

struct DigitTokens {
  const int8_t* planes;  // [tokens, DIGITS, fields, plane stride]
  const float* scale;    // [tokens, groups], of the digits
  const float* sums;     // [tokens, groups], of x
  int32_t tokens, columns, groups;
};

// Packed rows of a term, read in tiles of rows that lie `gap` rows apart.
struct DigitRows {
  const uint8_t* codes;
  int64_t row_bytes, group_bytes, gap;
  int32_t rows;  // of the whole term
};

// Rows that share the reading of activations: as many as their sums find registers, which is also why every field is moved
// to the lowest place and one chain of additions takes all.
constexpr int DIGIT_ROW_TILE = LOWBIT_REGISTER_BYTES == 64 ? 4 : 2;

// Bytes begin … end − 1 of ROWS rows: in every lane of sums[r] the sum of some columns.
template <int BITS, int ROWS>
static inline void digit_span(const uint8_t* row, int64_t row_gap, int64_t begin, int64_t end, const int8_t* planes,
                              int64_t stride, FloatRegister (&sums)[ROWS]) {
  const int64_t digit_stride = stride * (8 / BITS);
  const auto fields = span_sums<BITS, ROWS, DIGITS, 1>(row, row_gap, begin, end, planes, stride, digit_stride);
  LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
    sums[r] = __builtin_convertvector(fields.total(r, 0), FloatRegister);
    LOWBIT_UNROLL for (int d = 1; d < DIGITS; d++)
      sums[r] = multiply_add(__builtin_convertvector(fields.total(r, d), FloatRegister),
                             splat_register((float)(1 << (8 * d))), sums[r]);
  }
}

// Lane i: the factor of the group that it belongs to, `lanes` a group (4, 8, or all).
static inline FloatRegister spread_factors(const float* factors, int lanes) {
#if LOWBIT_REGISTER_BYTES == 64
  const FloatRegister v = load_register<FloatRegister>(factors);
  if (lanes == 4) return __builtin_shufflevector(v, v, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  if (lanes == 8) return __builtin_shufflevector(v, v, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
#elif LOWBIT_REGISTER_BYTES == 32
  const FloatRegister v = load_register<FloatRegister>(factors);
  if (lanes == 4) return __builtin_shufflevector(v, v, 0, 0, 0, 0, 1, 1, 1, 1);
#endif
  (void)lanes;
  return splat_register(factors[0]);
}

template <typename Term>
static inline void sixteen_factors(const Term& term, int64_t row, int64_t group, int count, F32x16& step,
                                   F32x16& offset) {
  if (count == LANES) return term.factor_lanes(row, group, step, offset);
  step = offset = F32x16{};
  for (int i = 0; i < count; i++) {
    float s, o;
    term.factors(row, group + i, s, o);
    step[i] = s;
    offset[i] = o;
  }
}

// products[r] = row `row` + r·gap of the term times one token, whose planes, scales and sums are given.
template <int BITS, int ROWS, typename Term>
static inline void digit_products(const Term& term, const DigitRows& packed, int64_t row, const int8_t* planes,
                                  const float* scale, const float* x_sums, int32_t columns, int32_t groups,
                                  float (&products)[ROWS]) {
  const int64_t stride = plane_stride(columns, 8 / BITS), row_gap = packed.gap * packed.row_bytes;
  const uint8_t* codes = packed.codes + row * packed.row_bytes;
  FloatRegister sums[ROWS];
  if (groups == 1) {
    digit_span<BITS, ROWS>(codes, row_gap, 0, packed.row_bytes, planes, stride, sums);
    for (int r = 0; r < ROWS; r++) {
      float step, offset;
      term.factors(row + r * packed.gap, 0, step, offset);
      products[r] = step * (scale[0] * register_sum(sums[r])) + offset * x_sums[0];
    }
    return;
  }
  // A register is either a part of one group, or it spans several and every group has its own lanes.
  const int64_t group_bytes = packed.group_bytes;
  const bool spans = group_bytes < REGISTER_BYTES && REGISTER_BYTES % group_bytes == 0;
  const int64_t width = spans ? REGISTER_BYTES : group_bytes;
  const int lanes = spans ? (int)group_bytes / 4 : REGISTER_FLOATS, together = spans ? REGISTER_FLOATS / lanes : 1;
  FloatRegister total[ROWS] = {};
  F32x16 offsets[ROWS] = {};
  for (int32_t first = 0; first < groups; first += LANES) {
    const int count = groups - first < LANES ? groups - first : LANES;
    const F32x16 x_scale = count == LANES ? load(scale + first) : load_part(scale + first, count, 0.0f);
    const F32x16 x_sum = count == LANES ? load(x_sums + first) : load_part(x_sums + first, count, 0.0f);
    float factors[ROWS][2 * LANES];  // read in whole registers from any group on
    for (int r = 0; r < ROWS; r++) {
      F32x16 step, offset;
      sixteen_factors(term, row + r * packed.gap, first, count, step, offset);
      store(factors[r], step * x_scale);
      offsets[r] += offset * x_sum;
    }
    for (int i = 0; i < count; i += together) {
      const int64_t begin = (first + i) * group_bytes;
      const int64_t end = begin + width < packed.row_bytes ? begin + width : packed.row_bytes;
      digit_span<BITS, ROWS>(codes, row_gap, begin, end, planes, stride, sums);
      LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
        total[r] = multiply_add(spread_factors(factors[r] + i, lanes), sums[r], total[r]);
    }
  }
  for (int r = 0; r < ROWS; r++) products[r] = register_sum(total[r]) + tree_sum(offsets[r]);
}

template <int BITS, int ROWS, typename Term>
static inline void digit_tile(const Term& term, const DigitRows& packed, int64_t row, const DigitTokens& in, float* y) {
  const int64_t token_planes = (int64_t)plane_stride(in.columns, 8 / BITS) * (8 / BITS) * DIGITS;
  for (int64_t token = 0; token < in.tokens; token++) {
    float products[ROWS];
    digit_products<BITS, ROWS>(term, packed, row, in.planes + token * token_planes, in.scale + token * in.groups,
                               in.sums + token * in.groups, in.columns, in.groups, products);
    for (int r = 0; r < ROWS; r++) y[token * packed.rows + row + r * packed.gap] += products[r];
  }
}

// As in int8_rows.h: tiles of rows that lie far apart are streams that the processor recognises.
template <int BITS, typename Term>
static void multiply_digits(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const uint8_t* codes,
                            int64_t row_bytes, int64_t group_bytes, const DigitTokens& in, float* y) {
  constexpr int TILE = DIGIT_ROW_TILE;
  const int64_t gap = (row_end - row_begin) / TILE;
  const DigitRows packed = {codes, row_bytes, group_bytes, gap, rows};
  const uint8_t* first = codes + row_begin * row_bytes;
  int64_t touched = 0;
  for (int64_t i = 0; i < gap; i++) {
    if ((i + 1) * row_bytes > touched) {
      const int64_t until = (i + 1) * row_bytes + TOUCH_BYTES;
      for (int r = 0; r < TILE; r++)
        touch_ahead(first + r * gap * row_bytes + touched, first + r * gap * row_bytes + until,
                    codes + row_end * row_bytes);
      touched = until;
    }
    digit_tile<BITS, TILE>(term, packed, row_begin + i, in, y);
  }
  for (int64_t row = row_begin + TILE * gap; row < row_end; row++) digit_tile<BITS, 1>(term, packed, row, in, y);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

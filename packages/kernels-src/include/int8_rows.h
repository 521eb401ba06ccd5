// y[token, row] += scale[token] · laneSum over groups of what a term makes of the group's exact sums.
//
// A term comes as a struct with
//   F32x16 scaled(int64_t row, int64_t group, int count, I32x16 products, I32x16 activations) const
//   float scaled_one(int64_t row, int32_t product, int32_t activation) const
// giving sixteen groups at once (docs/numerics.md, rule 2: group i is lane i mod 16; lanes from `count` on are +0), and
// the group of a row that is one group.
#pragma once

#include "int8_sums.h"
#include "scale_vectors.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

static inline I32x16 load_sums(const int32_t* from, int count) {
  I32x16 v = {};
  if (count == LANES) {
    __builtin_memcpy(&v, from, sizeof v);
    return v;
  }
  for (int i = 0; i < count; i++) v[i] = from[i];
  return v;
}

template <int BITS, int TOKENS, typename Term>
static inline void planar_row(const Term& term, int64_t row, const uint8_t* codes, int64_t row_bytes,
                              int64_t group_bytes, const Int8Tokens& in, int32_t token, int32_t rows, float* y) {
  const int64_t stride = plane_stride(in.columns, 8 / BITS);
  const int8_t* planes = in.planes + token * stride * (8 / BITS);
  const int32_t* x_sums = in.sums + (int64_t)token * in.groups;
  float sums[TOKENS];
  if (in.groups == 1) {
    int32_t products[TOKENS];
    planar_sum<BITS, TOKENS>(codes, row_bytes, planes, stride, products);
    for (int t = 0; t < TOKENS; t++) sums[t] = 0.0f + term.scaled_one(row, products[t], x_sums[t]);
  } else {
    int32_t products[TOKENS][SUMS_BATCH];
    F32x16 partial[TOKENS] = {};
    for (int32_t group = 0; group < in.groups; group += SUMS_BATCH) {
      const int count = in.groups - group < SUMS_BATCH ? in.groups - group : SUMS_BATCH;
      planar_sums<BITS, TOKENS>(codes, row_bytes, group_bytes, group, count, planes, stride, products);
      for (int t = 0; t < TOKENS; t++)
        partial[t] += term.scaled(row, group, count, load_sums(products[t], LANES),
                                  load_sums(x_sums + (int64_t)t * in.groups + group, count));
    }
    for (int t = 0; t < TOKENS; t++) sums[t] = tree_sum(partial[t]);
  }
  for (int t = 0; t < TOKENS; t++) y[(int64_t)(token + t) * rows + row] += in.scale[token + t] * sums[t];
}

template <int BITS, typename Term>
static void multiply_planar(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const uint8_t* codes,
                            int64_t row_bytes, int64_t group_bytes, const Int8Tokens& in, float* y) {
  const uint8_t* end = codes + row_end * row_bytes;
  const uint8_t* touched = codes + row_begin * row_bytes;
  for (int64_t row = row_begin; row < row_end; row++) {
    const uint8_t* at = codes + row * row_bytes;
    if (at + row_bytes > touched) {
      const int64_t ahead = row_bytes > TOUCH_BYTES ? row_bytes : TOUCH_BYTES;
      const uint8_t* until = end - touched > ahead ? touched + ahead : end;
      touch_ahead(touched, until);
      touched = until;
    }
    int32_t token = 0;
    for (; token + TOKEN_TILE <= in.tokens; token += TOKEN_TILE)
      planar_row<BITS, TOKEN_TILE>(term, row, at, row_bytes, group_bytes, in, token, rows, y);
    for (; token < in.tokens; token++)
      planar_row<BITS, 1>(term, row, at, row_bytes, group_bytes, in, token, rows, y);
  }
}

// Any bits, any group size. `unpack(row codes, begin, count, target)` writes codes one a byte.
template <typename Term, typename Unpack>
static void multiply_unpacked(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const uint8_t* codes,
                              int64_t row_bytes, int32_t group_size, const Int8Tokens& in, const Unpack& unpack,
                              float* y) {
  UnpackedRow unpacked;
  for (int64_t row = row_begin; row < row_end; row++)
    for (int32_t token = 0; token < in.tokens; token++) {
      const int8_t* x = in.x + (int64_t)token * in.columns;
      F32x16 partial = {};
      int32_t products[SUMS_BATCH];
      for (int32_t group = 0; group < in.groups; group++) {
        const int32_t begin = group * group_size;
        const int32_t end = in.columns - begin > group_size ? begin + group_size : in.columns;
        int32_t sum = 0, available = 0;
        for (int32_t at = begin; at < end; at += available) {
          const uint8_t* from = unpacked.reach(codes + row * row_bytes, in.columns, at, available, unpack);
          if (available > end - at) available = end - at;
          sum += dot_codes(from, x + at, available);
        }
        products[group % SUMS_BATCH] = sum;
        if (group % SUMS_BATCH == SUMS_BATCH - 1 || group == in.groups - 1) {
          const int32_t first = group / SUMS_BATCH * SUMS_BATCH, count = group - first + 1;
          const int32_t* sums = in.sums + (int64_t)token * in.groups + first;
          partial += term.scaled(row, first, count, load_sums(products, count), load_sums(sums, count));
        }
      }
      y[(int64_t)token * rows + row] += in.scale[token] * tree_sum(partial);
    }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// y[token, row] += scale[token] · laneSum over groups of what a term makes of the group's exact sums.
//
// A term comes as a struct with
//   F32x16 scaled(int64_t row, int64_t group, int count, I32x16 products, I32x16 activations) const
//   float scaled_one(int64_t row, int32_t product, int32_t activation) const
//   F32x16 scaled_rows(int64_t row, int count, I32x16 products, int32_t activation) const
// giving sixteen groups at once (docs/numerics.md, rule 2: group i is lane i mod 16; lanes from `count` on are +0), and
// where a row is one group that of one row, or of up to sixteen neighbouring ones.
#pragma once

#include "int8_sums.h"
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

template <int COUNT>
static inline void add_lanes(const F32x16 (&partial)[COUNT], float* sums) {
  if constexpr (COUNT == 4) {
    tree_sums(partial, sums);
  } else {
    for (int s = 0; s < COUNT; s++) sums[s] = tree_sum(partial[s]);
  }
}

// Packed rows of a term, read in tiles of rows that lie `gap` rows apart.
struct PackedRows {
  const uint8_t* codes;
  int64_t row_bytes, group_bytes, gap;
  int32_t rows;  // of the whole term
};

// tree_sum of sixteen at once.
static inline F32x16 tree_sums16(const F32x16* p) {
  F32x16 v[8];
  LOWBIT_UNROLL for (int i = 0; i < 8; i++)
    v[i] = __builtin_shufflevector(p[2 * i], p[2 * i + 1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           __builtin_shufflevector(p[2 * i], p[2 * i + 1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  LOWBIT_UNROLL for (int i = 0; i < 4; i++)
    v[i] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
           __builtin_shufflevector(v[2 * i], v[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  LOWBIT_UNROLL for (int i = 0; i < 2; i++)
    v[i] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
           __builtin_shufflevector(v[2 * i], v[2 * i + 1], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  const F32x16 sums = __builtin_shufflevector(v[0], v[1], 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
                      __builtin_shufflevector(v[0], v[1], 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
  return __builtin_shufflevector(sums, sums, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

// y[i] += scale · sums[i] of `count` (≤ 16) neighbouring rows.
static inline void add_rows(float* y, float scale, F32x16 sums, int count) {
  if (count == LANES) return store(y, load(y) + splat(scale) * sums);
  for (int i = 0; i < count; i++) y[i] += scale * sums[i];
}

// Rows row … row + count − 1 (count ≤ 16) of each of ROWS streams and one token, groups in whole batches.
template <int BITS, int ROWS, int GROUP_LANES, typename Term>
static inline void whole_group_rows(const Term& term, const PackedRows& packed, int64_t row, int count,
                                    const Int8Tokens& in, int32_t token, float* y) {
  constexpr int REGISTERS = SUMS_BATCH * GROUP_LANES / REGISTER_FLOATS;
  // Rows of which a batch together has as many registers as take turns.
  constexpr int TOGETHER = ROWS % 2 == 0 && 2 * REGISTERS == TURNS ? 2 : 1;
  const int64_t stride = plane_stride(in.columns, 8 / BITS), gap_bytes = packed.gap * packed.row_bytes;
  const int8_t* planes = in.planes + token * stride * (8 / BITS);
  const int32_t* x_sums = in.sums + (int64_t)token * in.groups;
  F32x16 partial[ROWS][LANES] = {};
  for (int i = 0; i < count; i++)
    LOWBIT_NO_UNROLL for (int first = 0; first < ROWS; first += TOGETHER) {
      const int64_t from = row + i + first * packed.gap;
      const uint8_t* codes = packed.codes + from * packed.row_bytes;
      F32x16 tile[TOGETHER] = {};
      for (int32_t group = 0; group < in.groups; group += SUMS_BATCH) {
        const int64_t at = group * packed.group_bytes;
        const I32x16 activations = load_sums(x_sums + group, SUMS_BATCH);
        I32x16 products[TOGETHER];
        whole_group_sums<BITS, TOGETHER, GROUP_LANES>(codes + at, gap_bytes, planes + at, stride, products);
        LOWBIT_UNROLL for (int r = 0; r < TOGETHER; r++)
          tile[r] += term.scaled(from + r * packed.gap, group, SUMS_BATCH, products[r], activations);
      }
      LOWBIT_UNROLL for (int r = 0; r < TOGETHER; r++) partial[first + r][i] = tile[r];
    }
  float* to = y + (int64_t)token * packed.rows + row;
  for (int r = 0; r < ROWS; r++) add_rows(to + r * packed.gap, in.scale[token], tree_sums16(partial[r]), count);
}

// Rows row, row + gap, … and TOKENS tokens from `token` on.
template <int BITS, int ROWS, int TOKENS, typename Term>
static inline void planar_tile(const Term& term, const PackedRows& packed, int64_t row, const Int8Tokens& in,
                               int32_t token, float* y) {
  const int64_t stride = plane_stride(in.columns, 8 / BITS), token_stride = stride * (8 / BITS);
  const int8_t* planes = in.planes + token * token_stride;
  const int32_t* x_sums = in.sums + (int64_t)token * in.groups;
  const uint8_t* codes = packed.codes + row * packed.row_bytes;
  const int64_t gap = packed.gap, gap_bytes = gap * packed.row_bytes;
  float sums[ROWS * TOKENS];
  if (in.groups == 1) {
    const auto all = span_sums<BITS, ROWS, TOKENS>(codes, gap_bytes, 0, packed.row_bytes, planes, stride, token_stride);
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
      LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++)
        sums[r * TOKENS + t] = 0.0f + term.scaled_one(row + r * gap, register_sum(all.total(r, t)), x_sums[t]);
  } else {
    int32_t products[ROWS * TOKENS][SUMS_BATCH];
    F32x16 partial[ROWS * TOKENS] = {};
    for (int32_t group = 0; group < in.groups; group += SUMS_BATCH) {
      const int count = in.groups - group < SUMS_BATCH ? in.groups - group : SUMS_BATCH;
      planar_sums<BITS, ROWS, TOKENS>(codes, gap_bytes, packed.row_bytes, packed.group_bytes, group, count, planes,
                                      stride, products);
      for (int t = 0; t < TOKENS; t++) {
        const I32x16 activations = load_sums(x_sums + (int64_t)t * in.groups + group, count);
        for (int r = 0; r < ROWS; r++)
          partial[r * TOKENS + t] +=
              term.scaled(row + r * gap, group, count, load_sums(products[r * TOKENS + t], LANES), activations);
      }
    }
    add_lanes<ROWS * TOKENS>(partial, sums);
  }
  for (int r = 0; r < ROWS; r++)
    for (int t = 0; t < TOKENS; t++)
      y[(int64_t)(token + t) * packed.rows + row + r * gap] += in.scale[token + t] * sums[r * TOKENS + t];
}

template <int BITS, int ROWS, typename Term>
static inline void planar_rows(const Term& term, const PackedRows& packed, int64_t row, const Int8Tokens& in, float* y) {
  int32_t token = 0;
  for (; token + TOKEN_TILE <= in.tokens; token += TOKEN_TILE)
    for (int r = 0; r < ROWS; r++)
      planar_tile<BITS, 1, TOKEN_TILE>(term, packed, row + r * packed.gap, in, token, y);
  for (; token < in.tokens; token++) planar_tile<BITS, ROWS, 1>(term, packed, row, in, token, y);
}

// Sums of ROWS rows, one a register.
template <int ROWS>
static inline void add_registers(const IntRegister (&totals)[ROWS], int32_t* sums) {
  if constexpr (ROWS == 4) {
    four_sums(totals, sums);
  } else {
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) sums[r] = register_sum(totals[r]);
  }
}

// Rows row … row + count − 1 (count ≤ 16) of each of ROWS streams, every row one group: their scales and outputs lie
// side by side.
template <int BITS, int ROWS, typename Term>
static inline void one_group_rows(const Term& term, const PackedRows& packed, int64_t row, int count,
                                  const Int8Tokens& in, int32_t token, float* y) {
  const int64_t stride = plane_stride(in.columns, 8 / BITS), gap_bytes = packed.gap * packed.row_bytes;
  const int8_t* planes = in.planes + token * stride * (8 / BITS);
  const uint8_t* codes = packed.codes + row * packed.row_bytes;
  int32_t products[LANES][ROWS];
  for (int i = 0; i < count; i++, codes += packed.row_bytes) {
    const auto sums = span_sums<BITS, ROWS, 1>(codes, gap_bytes, 0, packed.row_bytes, planes, stride, 0);
    IntRegister totals[ROWS];
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) totals[r] = sums.total(r, 0);
    add_registers<ROWS>(totals, products[i]);
  }
  float* to = y + (int64_t)token * packed.rows + row;
  for (int r = 0; r < ROWS; r++, row += packed.gap, to += packed.gap) {
    I32x16 of_rows = {};
    for (int i = 0; i < count; i++) of_rows[i] = products[i][r];
    const F32x16 sums = splat(0.0f) + term.scaled_rows(row, count, of_rows, in.sums[token]);
    add_rows(to, in.scale[token], sums, count);
  }
}

// Rows row … row + count − 1 (count ≤ 16) of each of ROWS streams. With many tokens the unpacking of codes is shared,
// with few the sums of sixteen rows are finished together.
template <int BITS, int ROWS, typename Term>
static inline void planar_block(const Term& term, const PackedRows& packed, int64_t row, int count, const Int8Tokens& in,
                                float* y) {
  const int lanes = in.groups % SUMS_BATCH == 0 ? lanes_of_group(packed.group_bytes) : 0;
  if (in.tokens >= TOKEN_TILE || (in.groups > 1 && lanes == 0)) {
    for (int i = 0; i < count; i++) planar_rows<BITS, ROWS>(term, packed, row + i, in, y);
    return;
  }
  for (int32_t token = 0; token < in.tokens; token++) {
    if (in.groups == 1) one_group_rows<BITS, ROWS>(term, packed, row, count, in, token, y);
    if constexpr (REGISTER_BYTES >= 32) {
      if (lanes == 4) whole_group_rows<BITS, ROWS, 4>(term, packed, row, count, in, token, y);
      if (lanes == 8) whole_group_rows<BITS, ROWS, 8>(term, packed, row, count, in, token, y);
    }
  }
}

// The rows are read as ROW_TILE streams, each a part of the range: far apart, so that the processor recognises every
// one of them and asks for it ahead.
template <int BITS, typename Term>
static void multiply_planar(const Term& term, int32_t row_begin, int32_t row_end, int32_t rows, const uint8_t* codes,
                            int64_t row_bytes, int64_t group_bytes, const Int8Tokens& in, float* y) {
  constexpr int TILE = ROW_TILE<BITS>;
  const int64_t gap = (row_end - row_begin) / TILE;
  const PackedRows packed = {codes, row_bytes, group_bytes, gap, rows};
  const uint8_t* first = codes + row_begin * row_bytes;
  int64_t touched = 0;
  for (int64_t i = 0; i < gap; i += LANES) {
    const int count = gap - i < LANES ? (int)(gap - i) : LANES;
    if ((i + count) * row_bytes > touched) {
      const int64_t until = (i + count) * row_bytes + TOUCH_BYTES;
      for (int r = 0; r < TILE; r++)
        touch_ahead(first + r * gap * row_bytes + touched, first + r * gap * row_bytes + until,
                    codes + row_end * row_bytes);
      touched = until;
    }
    planar_block<BITS, TILE>(term, packed, row_begin + i, count, in, y);
  }
  for (int64_t row = row_begin + TILE * gap; row < row_end; row++) planar_rows<BITS, 1>(term, packed, row, in, y);
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

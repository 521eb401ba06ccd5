// Exact int32 sums of code × activation over groups of one packed row, for a few tokens.
#pragma once

#include "bitpack.h"
#include "lanes.h"
#include "register_sums.h"
#include "registers.h"
#include "trits.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int SUMS_BATCH = 16;   // groups that one call sums
// Rows that share the reading of activations, as many as sums find registers.
template <int BITS>
constexpr int ROW_TILE = BITS == 1 && LOWBIT_REGISTER_BYTES < 64 ? 2 : 4;
constexpr int TOKEN_TILE = 4;    // tokens that share the unpacking of codes
constexpr int PLANE_ALIGN = 64;  // elements
constexpr int64_t TOUCH_BYTES = 2048;  // read ahead at once where there is no prefetch

// A plane holds every (8 / bits)-th activation: plane f has those that meet field f of the code bytes, in byte order,
// so the fields of a register of codes need no shuffle. Planes are padded with zeros.
static inline int32_t plane_stride(int32_t columns, int32_t fields) {
  const int32_t bytes = (columns + fields - 1) / fields;
  return (bytes + PLANE_ALIGN - 1) / PLANE_ALIGN * PLANE_ALIGN;
}

struct Int8Tokens {
  const int8_t* x;          // [tokens, columns]
  const int8_t* planes;     // [tokens, fields, plane stride], null where the layout has no fast path
  const int32_t* sums;      // [tokens, groups]
  const float* scale;       // [tokens]
  int32_t tokens, columns, groups;
};

// Sums of ROWS rows × TOKENS tokens over the same columns. Several rows are several streams from memory, and share the
// reading of activations; several tokens share the unpacking of codes.
//
// A field of a byte is masked where it stands in its half byte (or quarter, with fewer chains), so its sum is too large by
// a power of two: fields at the same place share a chain of additions, which is divided (exactly) at the end. Codes so stay
// at most 15. More chains need fewer shifts of the codes, and more divisions at the end.
template <int BITS>
constexpr int LONG_CHAINS = BITS < 4 ? 4 / BITS : 1;

template <int BITS, int ROWS, int TOKENS, int CHAINS = LONG_CHAINS<BITS>>
struct FieldSums {
  static constexpr int FIELDS = 8 / BITS;
  IntRegister chain[ROWS][TOKENS][CHAINS] = {};

  // v: one register of codes of each row; x: the activations of field 0 of the first token.
  inline void add(const ByteRegister (&v)[ROWS], const int8_t* x, int64_t stride, int64_t token_stride) {
    add_field<0>(v, x, stride, token_stride);
    if constexpr (FIELDS >= 2) add_field<1>(v, x, stride, token_stride);
    if constexpr (FIELDS >= 4) {
      add_field<2>(v, x, stride, token_stride);
      add_field<3>(v, x, stride, token_stride);
    }
    if constexpr (FIELDS == 8) {
      add_field<4>(v, x, stride, token_stride);
      add_field<5>(v, x, stride, token_stride);
      add_field<6>(v, x, stride, token_stride);
      add_field<7>(v, x, stride, token_stride);
    }
  }

  template <int FIELD>
  inline void add_field(const ByteRegister (&v)[ROWS], const int8_t* x, int64_t stride, int64_t token_stride) {
    ByteRegister at[TOKENS];
    LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++)
      at[t] = load_register<ByteRegister>(x + t * token_stride + FIELD * stride);
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
      if constexpr (BITS == 8) {
        LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) chain[r][t][0] = dot_all_codes(chain[r][t][0], v[r], at[t]);
      } else {
        constexpr int CHAIN = FIELD % CHAINS;
        const ByteRegister codes = byte_field<FIELD / CHAINS * CHAINS * BITS, ((1 << BITS) - 1) << (CHAIN * BITS)>(v[r]);
        LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) chain[r][t][CHAIN] = dot_bytes(chain[r][t][CHAIN], codes, at[t]);
      }
    }
  }

  inline IntRegister total(int r, int t) const {
    IntRegister sum = chain[r][t][0];
    LOWBIT_UNROLL for (int i = 1; i < CHAINS; i++) sum += chain[r][t][i] >> (i * BITS);
    return sum;
  }
};

constexpr int64_t PREFETCH_BYTES = 2048;

// Bytes begin … end − 1 of ROWS rows that lie `row_gap` bytes apart; what the last register lacks is read as zeros.
template <int BITS, int ROWS, int TOKENS, int CHAINS = LONG_CHAINS<BITS>>
static inline FieldSums<BITS, ROWS, TOKENS, CHAINS> span_sums(const uint8_t* row, int64_t row_gap, int64_t begin, int64_t end,
                                                      const int8_t* planes, int64_t stride, int64_t token_stride) {
  FieldSums<BITS, ROWS, TOKENS, CHAINS> sums;
  ByteRegister v[ROWS];
  int64_t at = begin;
  for (; at + REGISTER_BYTES <= end; at += REGISTER_BYTES) {
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
      prefetch(row + r * row_gap + at + PREFETCH_BYTES);
      v[r] = load_register<ByteRegister>(row + r * row_gap + at);
    }
    sums.add(v, planes + at, stride, token_stride);
  }
  if (at < end) {
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) v[r] = load_register_part(row + r * row_gap + at, (int)(end - at));
    sums.add(v, planes + at, stride, token_stride);
  }
  return sums;
}

// Groups first … first + count − 1 (count ≤ 16) of ROWS rows, for TOKENS tokens from `planes` on; products of groups
// from `count` on are 0. products[row · TOKENS + token].
template <int BITS, int ROWS, int TOKENS>
static inline void planar_sums(const uint8_t* row, int64_t row_gap, int64_t row_bytes, int64_t group_bytes,
                               int64_t first, int count,
                               const int8_t* planes, int64_t stride, int32_t (*products)[SUMS_BATCH]) {
  const int64_t token_stride = stride * (8 / BITS), begin = first * group_bytes;
  const int64_t last = begin + count * group_bytes, end = last < row_bytes ? last : row_bytes;
  // A register is either a part of one group, or it spans several and every group has its own lanes.
  const bool spans = group_bytes < REGISTER_BYTES && REGISTER_BYTES % group_bytes == 0;
  const int64_t step = spans ? REGISTER_BYTES : group_bytes;
  IntRegister registers[ROWS * TOKENS][SUMS_BATCH];
  int filled = 0;
  for (int64_t from = begin; from < end; from += step, filled++) {
    const auto sums = span_sums<BITS, ROWS, TOKENS>(row, row_gap, from, from + step < end ? from + step : end, planes,
                                                    stride, token_stride);
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
      LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) registers[r * TOKENS + t][filled] = sums.total(r, t);
  }
  const int needed = spans ? SUMS_BATCH * (int)group_bytes / REGISTER_BYTES : SUMS_BATCH;
  for (; filled < needed; filled++)
    for (int s = 0; s < ROWS * TOKENS; s++) registers[s][filled] = IntRegister{};
  const int lanes = (int)(spans ? group_bytes : REGISTER_BYTES) / 4;
  for (int s = 0; s < ROWS * TOKENS; s++) group_sums16(registers[s], lanes, products[s]);
}

// Whether sixteen groups fill whole registers in which every group has `lanes` lanes of its own; 0 if not. Sixteen byte
// registers have the general way, as there the sums below would not find registers, and so have longer groups: memory
// bounds them, and is read faster as several streams at once.
static inline int lanes_of_group(int64_t group_bytes) {
  if (REGISTER_BYTES == 16 || group_bytes > REGISTER_BYTES) return 0;
  return group_bytes == 16 || group_bytes == 32 ? (int)group_bytes / 4 : 0;
}

// COUNT neighbouring registers of codes of each of ROWS rows against one token, each with one chain of additions: before
// the fields of a higher place are added, the sum is doubled, so that all of it is too large by the power of two of the
// highest place. The registers take turns, as a chain alone would wait for every addition.
template <int BITS, int ROWS, int COUNT>
struct ShortSums {
  static constexpr int FIELDS = 8 / BITS, PLACES = LONG_CHAINS<BITS>, EXTRA_BITS = (PLACES - 1) * BITS;
  IntRegister sum[ROWS][COUNT] = {};

  inline void add(const ByteRegister (&v)[ROWS][COUNT], const int8_t* x, int64_t stride) {
    add_field<0, 0>(v, x, stride);
  }

  // Fields of one place after another: 0, PLACES, 2·PLACES, …, then 1, …
  template <int PLACE, int FIELD>
  inline void add_field(const ByteRegister (&v)[ROWS][COUNT], const int8_t* x, int64_t stride) {
    LOWBIT_UNROLL for (int i = 0; i < COUNT; i++) {
      const ByteRegister at = load_register<ByteRegister>(x + FIELD * stride + i * REGISTER_BYTES);
      LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
        if constexpr (BITS == 8) {
          sum[r][i] = dot_all_codes(sum[r][i], v[r][i], at);
        } else {
          const ByteRegister codes = byte_field<(FIELD - PLACE) * BITS, ((1 << BITS) - 1) << (PLACE * BITS)>(v[r][i]);
          sum[r][i] = dot_bytes(sum[r][i], codes, at);
        }
      }
    }
    if constexpr (FIELD + PLACES < FIELDS) {
      add_field<PLACE, FIELD + PLACES>(v, x, stride);
    } else if constexpr (PLACE + 1 < PLACES) {
      LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
        LOWBIT_UNROLL for (int i = 0; i < COUNT; i++) sum[r][i] <<= BITS;
      add_field<PLACE + 1, PLACE + 1>(v, x, stride);
    }
  }
};

// Registers that take turns. With fewer registers, and in longer groups, which memory bounds, one after another has
// several chains instead: the requests ahead then come evenly.
constexpr int TURNS = LOWBIT_REGISTER_BYTES == 64 ? 8 : 1;

// Sixteen whole groups of GROUP_LANES lanes of ROWS rows, for one token: nothing leaves the registers.
template <int BITS, int ROWS, int GROUP_LANES>
static inline void whole_group_sums(const uint8_t* codes, int64_t row_gap, const int8_t* planes, int64_t stride,
                                    I32x16 (&products)[ROWS]) {
  constexpr int REGISTERS = SUMS_BATCH * GROUP_LANES / REGISTER_FLOATS, COUNT = GROUP_LANES == 4 ? TURNS / ROWS : 1;
  IntRegister registers[ROWS][REGISTERS];
  LOWBIT_UNROLL for (int i = 0; i < REGISTERS; i += COUNT) {
    ByteRegister v[ROWS][COUNT];
    LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
      LOWBIT_UNROLL for (int j = 0; j < COUNT; j++) {
        const uint8_t* at = codes + r * row_gap + (i + j) * REGISTER_BYTES;
        prefetch(at + PREFETCH_BYTES);
        v[r][j] = load_register<ByteRegister>(at);
      }
    if constexpr (COUNT == 1) {
      FieldSums<BITS, 1, 1, BITS == 1 ? 2 : LONG_CHAINS<BITS>> sums;
      sums.add(v[0], planes + i * REGISTER_BYTES, stride, 0);
      registers[0][i] = sums.total(0, 0);
    } else {
      ShortSums<BITS, ROWS, COUNT> sums;
      sums.add(v, planes + i * REGISTER_BYTES, stride);
      LOWBIT_UNROLL for (int r = 0; r < ROWS; r++)
        LOWBIT_UNROLL for (int j = 0; j < COUNT; j++) registers[r][i + j] = sums.sum[r][j];
    }
  }
  LOWBIT_UNROLL for (int r = 0; r < ROWS; r++) {
    group_sums16(registers[r], GROUP_LANES, (int32_t*)&products[r]);
    if constexpr (COUNT > 1) products[r] >>= ShortSums<BITS, ROWS, COUNT>::EXTRA_BITS;
  }
}

// Any layout: codes of a stretch of the row, one a byte, kept while several tokens meet it.
struct UnpackedRow {
  static constexpr int CAPACITY = 3840;  // a multiple of 8 codes, 4 and 5 digits
  uint8_t codes[CAPACITY + 64];
  const uint8_t* row = nullptr;
  int32_t begin = -1;

  // Points at code `at` of the row, of which the next `available` lie one a byte.
  template <typename Unpack>
  const uint8_t* reach(const uint8_t* of, int32_t columns, int32_t at, int32_t& available, const Unpack& unpack) {
    const int32_t start = at / CAPACITY * CAPACITY;
    const int32_t count = columns - start < CAPACITY ? columns - start : CAPACITY;
    if (row != of || begin != start) {
      unpack(of, start, count, codes);
      row = of;
      begin = start;
    }
    available = start + count - at;
    return codes + (at - start);
  }
};

static inline int32_t dot_codes(const uint8_t* codes, const int8_t* x, int32_t count) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; i++) sum += codes[i] * x[i];
  return sum;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

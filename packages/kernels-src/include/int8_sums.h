// Exact int32 sums of code × activation over groups of one packed row, for a few tokens.
#pragma once

#include "bitpack.h"
#include "register_sums.h"
#include "registers.h"
#include "trits.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int SUMS_BATCH = 16;   // groups that one call sums
constexpr int TOKEN_TILE = 4;    // tokens that share the reading of codes
constexpr int PLANE_ALIGN = 64;  // elements
constexpr int64_t TOUCH_BYTES = 8192;  // read ahead at once where there is no prefetch

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

// Independent sums a token: products of different fields need not wait for each other.
template <int BITS, int TOKENS>
constexpr int CHAINS = TOKENS > 1 && BITS < 4 ? 2 : (BITS == 8 ? 1 : 8 / BITS);

template <int BITS, int TOKENS>
struct FieldSums {
  IntRegister chain[TOKENS][CHAINS<BITS, TOKENS>] = {};

  inline void add(ByteRegister v, const int8_t* x, int64_t stride, int64_t token_stride) {
    if constexpr (BITS == 8) {
      LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) {
        const ByteRegister at = load_register<ByteRegister>(x + t * token_stride);
#if defined(__AVX512VNNI__)
        chain[t][0] = dot_bytes(chain[t][0], v, at);  // takes all 256 codes
#else
        const IntRegister high = dot_bytes(IntRegister{}, byte_field<7, 1>(v), at);
        chain[t][0] = dot_bytes(chain[t][0] + (high << 7), byte_field<0, 127>(v), at);
#endif
      }
    } else {
      add_field<0>(v, x, stride, token_stride);
      add_field<1>(v, x, stride, token_stride);
      if constexpr (BITS <= 2) {
        add_field<2>(v, x, stride, token_stride);
        add_field<3>(v, x, stride, token_stride);
      }
      if constexpr (BITS == 1) {
        add_field<4>(v, x, stride, token_stride);
        add_field<5>(v, x, stride, token_stride);
        add_field<6>(v, x, stride, token_stride);
        add_field<7>(v, x, stride, token_stride);
      }
    }
  }

  template <int FIELD>
  inline void add_field(ByteRegister v, const int8_t* x, int64_t stride, int64_t token_stride) {
    const ByteRegister codes = byte_field<FIELD * BITS, (1 << BITS) - 1>(v);
    LOWBIT_UNROLL for (int t = 0; t < TOKENS; t++) {
      IntRegister& sum = chain[t][FIELD % CHAINS<BITS, TOKENS>];
      sum = dot_bytes(sum, codes, load_register<ByteRegister>(x + t * token_stride + FIELD * stride));
    }
  }

  inline IntRegister total(int t) const {
    IntRegister sum = chain[t][0];
    LOWBIT_UNROLL for (int i = 1; i < CHAINS<BITS, TOKENS>; i++) sum += chain[t][i];
    return sum;
  }
};

// Bytes begin … end − 1 of a row; what the last register lacks is read as zeros.
template <int BITS, int TOKENS>
static inline FieldSums<BITS, TOKENS> span_sums(const uint8_t* row, int64_t begin, int64_t end, const int8_t* planes,
                                                int64_t stride, int64_t token_stride) {
  FieldSums<BITS, TOKENS> sums;
  int64_t at = begin;
  for (; at + REGISTER_BYTES <= end; at += REGISTER_BYTES) {
    prefetch_ahead(row + at);
    sums.add(load_register<ByteRegister>(row + at), planes + at, stride, token_stride);
  }
  if (at < end) {
    uint8_t rest[REGISTER_BYTES] = {};
    __builtin_memcpy(rest, row + at, (unsigned long)(end - at));
    sums.add(load_register<ByteRegister>(rest), planes + at, stride, token_stride);
  }
  return sums;
}

// Groups first … first + count − 1 (count ≤ 16) of a row, for TOKENS tokens from `planes` on; products of groups from
// `count` on are 0.
template <int BITS, int TOKENS>
static inline void planar_sums(const uint8_t* row, int64_t row_bytes, int64_t group_bytes, int64_t first, int count,
                               const int8_t* planes, int64_t stride, int32_t (*products)[SUMS_BATCH]) {
  const int64_t token_stride = stride * (8 / BITS), begin = first * group_bytes;
  const int64_t last = begin + count * group_bytes, end = last < row_bytes ? last : row_bytes;
  // A register is either a part of one group, or it spans several and every group has its own lanes.
  const bool spans = group_bytes < REGISTER_BYTES && REGISTER_BYTES % group_bytes == 0;
  const int64_t step = spans ? REGISTER_BYTES : group_bytes;
  IntRegister registers[TOKENS][SUMS_BATCH];
  int filled = 0;
  for (int64_t from = begin; from < end; from += step, filled++) {
    const auto sums = span_sums<BITS, TOKENS>(row, from, from + step < end ? from + step : end, planes, stride,
                                              token_stride);
    for (int t = 0; t < TOKENS; t++) registers[t][filled] = sums.total(t);
  }
  for (; filled < SUMS_BATCH; filled++)
    for (int t = 0; t < TOKENS; t++) registers[t][filled] = IntRegister{};
  for (int t = 0; t < TOKENS; t++)
    group_sums16(registers[t], (int)(spans ? group_bytes : REGISTER_BYTES) / 4, products[t]);
}

// A row that is one group.
template <int BITS, int TOKENS>
static inline void planar_sum(const uint8_t* row, int64_t row_bytes, const int8_t* planes, int64_t stride,
                              int32_t (&products)[TOKENS]) {
  const auto sums = span_sums<BITS, TOKENS>(row, 0, row_bytes, planes, stride, stride * (8 / BITS));
  for (int t = 0; t < TOKENS; t++) products[t] = register_sum(sums.total(t));
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

// Packing of ternary digits 0, 1, 2 (twin of core/src/bitpack/pack-trits.ts). A row starts at a byte; the unused places
// of its last byte are 0 when written and ignored when read.
//   two-bit: four digits a byte, lowest bits first.   base-3: five digits a byte, digit i worth 3^i.
#pragma once

#include <stdint.h>

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

enum TritPacking { TRITS_TWO_BIT = 0, TRITS_BASE_3 = 1 };

typedef uint8_t U8x16 __attribute__((vector_size(16)));

static inline int32_t trits_per_byte(int32_t packing) { return packing == TRITS_BASE_3 ? 5 : 4; }
static inline int32_t trit_row_bytes(int32_t count, int32_t packing) {
  const int32_t per_byte = trits_per_byte(packing);
  return (count + per_byte - 1) / per_byte;
}

// Bytes that must be readable behind the digits handed to pack_trits; their values are overwritten with 0.
constexpr int TRIT_SLACK = 64;

// Packs `count` digits, one a byte. `digits` has TRIT_SLACK more bytes of room behind them.
static inline void pack_trits(uint8_t* digits, int32_t count, int32_t packing, uint8_t* target) {
  __builtin_memset(digits + count, 0, TRIT_SLACK);
  const int32_t bytes = trit_row_bytes(count, packing);
  int32_t b = 0;
  if (packing == TRITS_TWO_BIT) {
    // Four digits are one 32-bit word d0 + d1·2^8 + d2·2^16 + d3·2^24; the product moves d_i to bit 24 + 2i, and no two
    // other summands meet in one place, so nothing carries into the top byte.
    const uint32_t gather = (1u << 24) | (1u << 18) | (1u << 12) | (1u << 6);
    for (; b + LANES <= bytes; b += LANES) {
      U32x16 words;
      __builtin_memcpy(&words, digits + 4 * b, sizeof words);
      const U8x16 packed = __builtin_convertvector((words * gather) >> 24, U8x16);
      __builtin_memcpy(target + b, &packed, sizeof packed);
    }
    for (; b < bytes; b++) {
      uint32_t word;
      __builtin_memcpy(&word, digits + 4 * b, sizeof word);
      target[b] = (uint8_t)((word * gather) >> 24);
    }
    return;
  }
  // Byte 4 of the product of d0 … d4 (as bytes of a word) with 81 … 1 (as bytes) is d0 + 3·d1 + … + 81·d4; what stands
  // below it sums to less than 256 per byte, and the three digits read too many land above it.
  const uint64_t worths = 81ull | (27ull << 8) | (9ull << 16) | (3ull << 24) | (1ull << 32);
  for (; b < bytes; b++) {
    uint64_t word;
    __builtin_memcpy(&word, digits + 5 * b, sizeof word);
    target[b] = (uint8_t)((word * worths) >> 32);
  }
}

// The five digits of a base-3 byte, each in one byte of the result (lowest first). The multiplier ⌈2^16 / 3^i⌉ is exact
// for every byte: floor(byte / 3^i).
static inline uint64_t unpack_base3_byte(uint32_t byte) {
  const uint32_t q1 = (byte * 21846u) >> 16, q2 = (byte * 7282u) >> 16, q3 = (byte * 2428u) >> 16;
  const uint32_t q4 = (byte * 810u) >> 16, q5 = (byte * 270u) >> 16;
  return (uint64_t)(byte - 3 * q1) | (uint64_t)(q1 - 3 * q2) << 8 | (uint64_t)(q2 - 3 * q3) << 16 |
         (uint64_t)(q3 - 3 * q4) << 24 | (uint64_t)(q4 - 3 * q5) << 32;
}

// The first `count` digits of a row, one a byte; writes up to 7 bytes behind them.
static inline void unpack_trits(const uint8_t* source, int32_t count, int32_t packing, uint8_t* digits) {
  if (packing == TRITS_TWO_BIT) {
    for (int32_t i = 0; i < count; i += 4) {
      const uint32_t byte = source[i / 4];
      const uint32_t word = (byte & 3u) | (byte & 12u) << 6 | (byte & 48u) << 12 | (byte & 192u) << 18;
      __builtin_memcpy(digits + i, &word, sizeof word);
    }
    return;
  }
  for (int32_t i = 0; i < count; i += 5) {
    const uint64_t word = unpack_base3_byte(source[i / 5]);
    __builtin_memcpy(digits + i, &word, sizeof word);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

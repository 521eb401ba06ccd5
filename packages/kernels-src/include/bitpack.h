// b-bit codes, lowest bit first: code i of a row takes bits i·b … i·b + b − 1 of the row's bytes (the twin of
// packages/core/src/bitpack). Eight codes are exactly b bytes, so a multiple of eight codes starts at a byte.
#pragma once

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

typedef uint8_t U8x16 __attribute__((vector_size(16)));
typedef uint8_t U8x64 __attribute__((vector_size(64)));
typedef uint64_t U64x8 __attribute__((vector_size(64)));
typedef uint32_t U32x8 __attribute__((vector_size(32)));
typedef uint16_t U16x8 __attribute__((vector_size(16)));
typedef uint8_t U8x8 __attribute__((vector_size(8)));

typedef uint16_t U16x16 __attribute__((vector_size(32)));

// Elements twice as wide at every step: GCC turns a conversion by one step into vector instructions and a wider one
// into sixteen scalar moves (four times slower).
static inline U64x8 widen(U32x8 v) { return __builtin_convertvector(v, U64x8); }
static inline U64x8 widen(U16x8 v) { return widen(__builtin_convertvector(v, U32x8)); }
static inline U64x8 widen(U8x8 v) { return widen(__builtin_convertvector(v, U16x8)); }

static inline int32_t packed_byte_length(int32_t count, int32_t bits) {
  return (int32_t)(((int64_t)count * bits + 7) / 8);
}

// Eight codes, one a byte, to 8·bits bits at the bottom of the word: neighbours join three times, the upper one moving
// down beside the lower one. Works on a word and on vectors of words.
template <typename Word>
static inline Word squeeze_codes(Word codes, int bits) {
  const uint64_t single = 0x0001000100010001ull * ((1u << bits) - 1);
  const uint64_t pair = 0x0000000100000001ull * ((1u << (2 * bits)) - 1);
  const uint64_t quad = (1ull << (4 * bits)) - 1;
  codes = (codes & single) | ((codes >> (8 - bits)) & (single << bits));
  codes = (codes & pair) | ((codes >> (16 - 2 * bits)) & (pair << (2 * bits)));
  return (codes & quad) | ((codes >> (32 - 4 * bits)) & (quad << (4 * bits)));
}

// The inverse: the low 8·bits bits of the word to eight codes, one a byte.
template <typename Word>
static inline Word spread_codes(Word packed, int bits) {
  const uint64_t single = 0x0001000100010001ull * ((1u << bits) - 1);
  const uint64_t pair = 0x0000000100000001ull * ((1u << (2 * bits)) - 1);
  const uint64_t quad = (1ull << (4 * bits)) - 1;
  packed = (packed & quad) | ((packed & (quad << (4 * bits))) << (32 - 4 * bits));
  packed = (packed & pair) | ((packed & (pair << (2 * bits))) << (16 - 2 * bits));
  return (packed & single) | ((packed & (single << bits)) << (8 - bits));
}

// `count` codes (one a byte, each below 2^bits) to packed_byte_length(count, bits) bytes; bits after the last are 0.
static inline void pack_codes(const uint8_t* codes, int32_t count, int32_t bits, uint8_t* target) {
  if (bits == 8) {
    __builtin_memcpy(target, codes, (unsigned long)count);
    return;
  }
  int32_t i = 0;
  for (; i + 64 <= count; i += 64, target += 8 * bits) {
    U64x8 v;
    __builtin_memcpy(&v, codes + i, sizeof v);
    if (bits == 4) {
      const U32x8 words = __builtin_convertvector(squeeze_codes(v, 4), U32x8);
      __builtin_memcpy(target, &words, sizeof words);
    } else if (bits == 2) {
      const U16x8 words = __builtin_convertvector(squeeze_codes(v, 2), U16x8);
      __builtin_memcpy(target, &words, sizeof words);
    } else if (bits == 1) {
      const U8x8 words = __builtin_convertvector(squeeze_codes(v, 1), U8x8);
      __builtin_memcpy(target, &words, sizeof words);
    } else {
      v = squeeze_codes(v, bits);
      for (int word = 0; word < 8; word++)
        for (int byte = 0; byte < bits; byte++) target[word * bits + byte] = (uint8_t)(v[word] >> (8 * byte));
    }
  }
  for (; i < count; i += 8, target += bits) {
    uint64_t word = 0;
    const int32_t left = count - i < 8 ? count - i : 8;
    for (int32_t j = 0; j < left; j++) word |= (uint64_t)codes[i + j] << (j * bits);
    const int32_t bytes = packed_byte_length(left, bits);
    for (int32_t j = 0; j < bytes; j++) target[j] = (uint8_t)(word >> (8 * j));
  }
}

// `count` codes, one a byte, from packed bytes; reads no byte behind packed_byte_length(count, bits).
static inline void unpack_codes(const uint8_t* bytes, int32_t bits, int32_t count, uint8_t* target) {
  if (bits == 8) {
    __builtin_memcpy(target, bytes, (unsigned long)count);
    return;
  }
  int32_t i = 0;
  for (; i + 64 <= count; i += 64, bytes += 8 * bits) {
    U64x8 v;
    if (bits == 4) {
      U32x8 words;
      __builtin_memcpy(&words, bytes, sizeof words);
      v = spread_codes(widen(words), 4);
    } else if (bits == 2) {
      U16x8 words;
      __builtin_memcpy(&words, bytes, sizeof words);
      v = spread_codes(widen(words), 2);
    } else if (bits == 1) {
      U8x8 words;
      __builtin_memcpy(&words, bytes, sizeof words);
      v = spread_codes(widen(words), 1);
    } else {
      // Eight bytes from where the word's codes begin, or the last eight of the stride, moved down.
      for (int word = 0; word < 8; word++) {
        const int begin = word * bits, last = 8 * bits - 8;
        const int from = begin < last ? begin : last;
        uint64_t packed;
        __builtin_memcpy(&packed, bytes + from, sizeof packed);
        v[word] = packed >> (8 * (begin - from));
      }
      v = spread_codes(v, bits);
    }
    __builtin_memcpy(target + i, &v, sizeof v);
  }
  for (; i < count; i += 8, bytes += bits) {
    uint64_t word = 0;
    const int32_t left = count - i < 8 ? count - i : 8;
    const int32_t length = packed_byte_length(left, bits);
    for (int32_t j = 0; j < length; j++) word |= (uint64_t)bytes[j] << (8 * j);
    for (int32_t j = 0; j < left; j++) target[i + j] = (uint8_t)((word >> (j * bits)) & ((1u << bits) - 1));
  }
}

// Sixteen lanes of small integers as sixteen bytes (their low eight bits).
static inline void store_bytes(uint8_t* to, I32x16 v) {
  const U8x16 bytes = __builtin_convertvector(__builtin_convertvector(v, U16x16), U8x16);
  __builtin_memcpy(to, &bytes, sizeof bytes);
}
static inline I32x16 load_bytes(const uint8_t* from) {
  U8x16 bytes;
  __builtin_memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(__builtin_convertvector(bytes, U16x16), I32x16);
}

// Code `index` of a row (scalar; for zero points and other small arrays).
static inline uint32_t read_code(const uint8_t* bytes, int32_t bits, int32_t index) {
  const int64_t bit = (int64_t)index * bits;
  const uint8_t* at = bytes + bit / 8;
  const int shift = (int)(bit % 8);
  uint32_t word = at[0];
  if (shift + bits > 8) word |= (uint32_t)at[1] << 8;
  return (word >> shift) & ((1u << bits) - 1);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

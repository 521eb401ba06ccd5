// Compare masks as bits, and rows of bits: bit i of a row is the sign of column i, lowest bit of a byte first.
#pragma once

#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace lowbit {
namespace LOWBIT_ISA {

// −1 where a < b, else 0, for finite lanes: the sign of a − b (equal lanes give +0; subnormals are kept, so no other
// pair does). A shift instead of a comparison, because g++ takes comparisons of wide vectors apart lane by lane.
static inline I32x16 below(F32x16 a, F32x16 b) { return (I32x16)((a - b) + 0.0f) >> 31; }

// The lanes of `yes` where the mask is −1, of `no` where it is 0.
static inline F32x16 choose(I32x16 mask, F32x16 yes, F32x16 no) {
  return (F32x16)((mask & (I32x16)yes) | (~mask & (I32x16)no));
}
// The lanes of v where the mask is −1, elsewhere +0.
static inline F32x16 keep(I32x16 mask, F32x16 v) { return (F32x16)(mask & (I32x16)v); }

// Bit i is set where lane i of the mask is −1; lanes are −1 or 0.
static inline uint32_t mask_bits(I32x16 mask) {
#if defined(__AVX512DQ__)
  return _mm512_movepi32_mask((__m512i)mask);
#elif defined(__x86_64__)
  uint32_t bits = 0;
  for (int quarter = 0; quarter < 4; quarter++) {
    __m128 lanes;
    __builtin_memcpy(&lanes, (const char*)&mask + 16 * quarter, sizeof lanes);
    bits |= (uint32_t)_mm_movemask_ps(lanes) << (4 * quarter);
  }
  return bits;
#elif defined(__aarch64__)
  const uint32x4_t worths = {1, 2, 4, 8};
  uint32_t bits = 0;
  for (int quarter = 0; quarter < 4; quarter++) {
    uint32x4_t lanes;
    __builtin_memcpy(&lanes, (const char*)&mask + 16 * quarter, sizeof lanes);
    bits |= vaddvq_u32(vandq_u32(lanes, worths)) << (4 * quarter);
  }
  return bits;
#elif defined(__wasm_simd128__)
  uint32_t bits = 0;
  for (int quarter = 0; quarter < 4; quarter++) {
    v128_t lanes;
    __builtin_memcpy(&lanes, (const char*)&mask + 16 * quarter, sizeof lanes);
    bits |= (uint32_t)wasm_i32x4_bitmask(lanes) << (4 * quarter);
  }
  return bits;
#else
  uint32_t bits = 0;
  for (int i = 0; i < LANES; i++) bits |= (uint32_t)(mask[i] & 1) << i;
  return bits;
#endif
}

static inline uint32_t first_bits(int count) { return (1u << count) - 1; }

// Writes one row of bits, up to sixteen at a time; finish() sets the unused bits of the last byte to 0.
struct BitRow {
  uint8_t* at;
  uint32_t pending = 0;
  int count = 0;

  explicit BitRow(uint8_t* row = nullptr) : at(row) {}

  // The lowest `more` (<= 16) bits; those above must be 0.
  inline void append(uint32_t bits, int more) {
    pending |= bits << count;
    count += more;
    if (count >= 16) {
      at[0] = (uint8_t)pending;
      at[1] = (uint8_t)(pending >> 8);
      at += 2;
      pending >>= 16;
      count -= 16;
    }
  }
  inline void finish() {
    for (; count > 0; count -= 8, pending >>= 8) *at++ = (uint8_t)pending;
  }
};

}  // namespace LOWBIT_ISA
}  // namespace lowbit

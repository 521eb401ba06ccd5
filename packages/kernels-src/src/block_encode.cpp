// Block types of 32 weights with one scale: Q4_0, Q5_0, Q8_0, and with a minimum Q4_1, Q5_1 (core/src/blocks, byte for
// byte: ggml's rules).
#include "block_batch.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

constexpr int WEIGHTS = 32;

// 4-bit codes of a block in halves.
inline void put_nibbles(uint8_t* to, I32x16 low, I32x16 high) { store_bytes(to, low | high << 4); }

// Fifth bits, then nibbles.
inline void put_fifth_bits(uint8_t* to, I32x16 low, I32x16 high) {
  const uint32_t bits = mask_bits(low << 27 >> 31) | mask_bits(high << 27 >> 31) << 16;
  __builtin_memcpy(to, &bits, sizeof bits);
  store_bytes(to + 4, (low & 15) | high << 4);
}

template <int BITS>
inline void put_codes(uint8_t* to, I32x16 low, I32x16 high) {
  if (BITS == 4) put_nibbles(to, low, high);
  else put_fifth_bits(to, low, high);
}

// The first weight of magnitude `largest`.
inline float first_extreme(const float* x, float largest) {
  for (int i = 0; i < WEIGHTS; i++)
    if (x[i] == largest || x[i] == -largest) return x[i];
  return largest;
}

// The weight of largest magnitude of each block, with its sign; where both signs reach it, the first decides.
inline F32x16 signed_extremes(const float* values, int count) {
  F32x16 least, most;
  ranges<WEIGHTS>(values, count, &least, &most);
  const F32x16 below = -least;
  F32x16 extreme = below > most ? least : most;
  const uint32_t ties = mask_bits((I32x16)(below == most) & (I32x16)(most != F32x16{}));
  if (ties != 0) {
    for (int b = 0; b < count; b++)
      if (ties >> b & 1) extreme[b] = first_extreme(values + b * WEIGHTS, most[b]);
  }
  // All zeros: the reference starts from +0.
  return most == F32x16{} && least == F32x16{} ? F32x16{} : extreme;
}

template <int BITS>
inline void encode_midpoint(int32_t begin, int32_t end, const float* values, uint8_t* blocks) {
  constexpr int HEADER = BITS == 4 ? 2 : 6, BYTES = HEADER + 16, ZERO = 1 << (BITS - 1);
  for_batches<WEIGHTS, BYTES>(begin, end, values, blocks, [](const float* x, uint8_t* to, int count) {
    const F32x16 d = signed_extremes(x, count) / splat(-(float)ZERO);
    const F32x16 inverse = finite_inverse(d);
    const HalfLanes scales(d);
    float factor[BATCH], step[BATCH];
    store(factor, inverse);
    store(step, d);
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      scales.put(to, b);
      // Here the reference narrows infinities and NaN, which become code 0.
      const float offset = factor[b] == 0.0f && step[b] != 0.0f ? 0.0f : ZERO + 0.5f;
      const F32x16 top = splat(2 * ZERO - 0.5f);
      const F32x16 low = minimum(load(x) * splat(factor[b]) + splat(offset), top);
      const F32x16 high = minimum(load(x + LANES) * splat(factor[b]) + splat(offset), top);
      put_codes<BITS>(to + 2, __builtin_convertvector(low, I32x16), __builtin_convertvector(high, I32x16));
    }
  });
}

// −0 and +0 are equal, but the reference stores the sign of the one that it met first.
inline float first_zero(const float* x) {
  for (int i = 0; i < WEIGHTS; i++)
    if (x[i] == 0.0f) return x[i];
  return 0.0f;
}

template <int BITS>
inline void encode_minimum(int32_t begin, int32_t end, const float* values, uint8_t* blocks) {
  constexpr int HEADER = BITS == 4 ? 4 : 8, BYTES = HEADER + 16, LARGEST = (1 << BITS) - 1;
  for_batches<WEIGHTS, BYTES>(begin, end, values, blocks, [](const float* x, uint8_t* to, int count) {
    F32x16 least, most;
    ranges<WEIGHTS>(x, count, &least, &most);
    const uint32_t zeros = mask_bits((I32x16)(least == F32x16{}));
    if (zeros != 0) {
      for (int b = 0; b < count; b++)
        if (zeros >> b & 1) least[b] = first_zero(x + b * WEIGHTS);
    }
    const F32x16 range = most == least ? F32x16{} : most - least;
    const F32x16 d = range / splat(LARGEST);
    const HalfLanes scales(d), minimums(least);
    float factor[BATCH], first[BATCH];
    store(factor, finite_inverse(d));
    store(first, least);
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      scales.put(to, b);
      minimums.put(to + 2, b);
      const F32x16 half = splat(0.5f), top = splat(LARGEST);
      // maximum(0, v) is 0 for NaN, which inf · 0 gives: code 0, as the reference narrows it.
      const F32x16 low = (load(x) - splat(first[b])) * splat(factor[b]) + half;
      const F32x16 high = (load(x + LANES) - splat(first[b])) * splat(factor[b]) + half;
      put_codes<BITS>(to + 4, __builtin_convertvector(minimum(maximum(F32x16{}, low), top), I32x16),
                      __builtin_convertvector(minimum(maximum(F32x16{}, high), top), I32x16));
    }
  });
}

}  // namespace

void q4_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_midpoint<4>(block_begin, block_end, values, blocks);
}

void q5_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_midpoint<5>(block_begin, block_end, values, blocks);
}

void q4_1_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_minimum<4>(block_begin, block_end, values, blocks);
}

void q5_1_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_minimum<5>(block_begin, block_end, values, blocks);
}

void q8_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int BYTES = 34;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    const F32x16 d = largest_magnitudes<WEIGHTS>(x, count) / splat(127.0f);
    const HalfLanes scales(d);
    float factor[BATCH];
    store(factor, finite_inverse(d));
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      scales.put(to, b);
      store_bytes(to + 2, round_away(load(x) * splat(factor[b])));
      store_bytes(to + 2 + LANES, round_away(load(x + LANES) * splat(factor[b])));
    }
  });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Block types of E2M1 codes: MXFP4 and NVFP4 (core/src/blocks, byte for byte: ggml's rules).
#include "block_batch.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Twice the magnitudes of codes 0 … 7; 8 … 15 are their negatives.
constexpr float DOUBLED[8] = {0, 1, 2, 3, 4, 6, 8, 12};
// Halfway between them: a tie goes to the smaller magnitude.
constexpr float HALFWAY[7] = {0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10};

// The rule as it is written, for weights so far beyond 12·d, or d so large, that the rounding of the errors decides.
inline int32_t nearest_by_error(float x, float d) {
  int32_t best = 0;
  float least = x < 0 ? -x : x;
  for (int32_t code = 1; code < 16; code++) {
    const float difference = (code < 8 ? DOUBLED[code] : -DOUBLED[code - 8]) * d - x;
    const float error = difference < 0 ? -difference : difference;
    if (error < least) {
      best = code;
      least = error;
    }
  }
  return best;
}

inline I32x16 nearest_by_error(const float* x, float d) {
  int32_t codes[LANES];
  for (int i = 0; i < LANES; i++) codes[i] = nearest_by_error(x[i], d);
  I32x16 v;
  __builtin_memcpy(&v, codes, sizeof v);
  return v;
}

// Codes of weights within 24·d of magnitudes `scaled` where d is `unit`; every product is exact.
inline I32x16 nearest(F32x16 x, F32x16 scaled, float unit) {
  I32x16 count = {};
  for (int i = 0; i < 7; i++) count -= (I32x16)(scaled > splat(HALFWAY[i] * unit));
  const I32x16 negative = (I32x16)x >> 31;
  return count + (negative & (I32x16)(count != I32x16{}) & 8);
}

// Half the value of a UE4M3 byte below 0x7f.
inline float halved_ue4m3(uint32_t byte) {
  const uint32_t exponent = byte >> 3, mantissa = byte & 7;
  if (exponent == 0) return (float)mantissa * 0x1p-10f;
  return float_of_bits((exponent + 119) << 23 | mantissa << 20);
}

// ue4m3.ts.
inline uint32_t ue4m3_byte(float value) {
  if (!(value > 0)) return 0;
  const uint32_t bits = bits_of_float(value < 448.0f ? value : 448.0f);
  const int32_t exponent = (int32_t)(bits >> 23) - 120;
  if (exponent <= 0) {
    const int32_t mantissa = (int32_t)(value * 512.0f + 0.5f);
    return mantissa < 7 ? mantissa : 7;
  }
  const uint32_t byte = ((uint32_t)exponent << 3) + (bits >> 20 & 7) + (bits >> 19 & 1);
  return byte < 0x78 ? byte : 0x7e;
}

// floor-log2.ts, where the reach ⌊ln 2 · 2^p⌋ is written out for p = 0 … 7.
inline int32_t floor_log2(float x) {
  const int is_subnormal = x < 0x1p-126f;
  const uint32_t bits = bits_of_float(is_subnormal ? x * 0x1p24f : x);
  const int32_t exponent = (int32_t)(bits >> 23) - (is_subnormal ? 151 : 127);
  const int32_t k = exponent + 1, steps_below = 0x800000 - (int32_t)(bits & 0x7fffff);
  if (steps_below > 88) return exponent;
  const int32_t reach[8] = {0, 1, 2, 5, 11, 22, 44, 88};
  const int32_t magnitude = k > 0 ? k - 1 : -k;
  return magnitude > 0 && steps_below <= reach[31 - __builtin_clz((uint32_t)magnitude)] ? k : exponent;
}

// 2^exponent, −149 … 127.
inline float power_of_two(int32_t exponent) {
  return exponent < -126 ? float_of_bits(1u << (exponent + 149)) : float_of_bits((uint32_t)(exponent + 127) << 23);
}

}  // namespace

void mxfp4_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 32, BYTES = 17;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    float largest[BATCH];
    store(largest, largest_magnitudes<WEIGHTS>(x, count));
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      const uint8_t e = largest[b] > 0 ? (uint8_t)(floor_log2(largest[b]) + 125) : 0;
      to[0] = e;
      I32x16 low, high;
      if (e >= 1 && e < 253) {
        const F32x16 inverse = splat(power_of_two(128 - (int32_t)e));
        const F32x16 first = load(x), second = load(x + LANES);
        low = nearest(first, absolute(first) * inverse, 1.0f);
        high = nearest(second, absolute(second) * inverse, 1.0f);
      } else {
        // 1/d is infinite, or the value 8·d of a code.
        const float d = power_of_two((int32_t)e - 128);
        low = nearest_by_error(x, d);
        high = nearest_by_error(x + LANES, d);
      }
      store_bytes(to + 1, low | high << 4);
    }
  });
}

void nvfp4_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 64, BYTES = 36, GROUP = 16, GROUPS = 4, STEP = BATCH / GROUPS;
  for (int32_t block = block_begin; block < block_end; block += STEP) {
    const int count = GROUPS * (block_end - block < STEP ? block_end - block : STEP);
    const float* x = values + (int64_t)block * WEIGHTS;
    float largest[BATCH];
    store(largest, largest_magnitudes<GROUP>(x, count));
    for (int g = 0; g < count; g++, x += GROUP) {
      uint8_t* to = blocks + (int64_t)(block + g / GROUPS) * BYTES;
      const uint32_t scale = ue4m3_byte(largest[g] / 6.0f);
      const float d = halved_ue4m3(scale);
      to[g % GROUPS] = (uint8_t)scale;
      I32x16 codes = {};
      if (largest[g] > 24.0f * d) codes = nearest_by_error(x, d);
      else if (d > 0) codes = nearest(load(x), absolute(load(x)), d);
      uint8_t bytes[GROUP];
      store_bytes(bytes, codes);
      uint64_t low, high;
      __builtin_memcpy(&low, bytes, 8);
      __builtin_memcpy(&high, bytes + 8, 8);
      low |= high << 4;
      __builtin_memcpy(to + GROUPS + 8 * (g % GROUPS), &low, 8);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Arrays of scales, means, minimums and float zero points in a ScaleDtype, one element and sixteen at a time (twin of
// core/src/terms/scale-array.ts; docs/numerics.md, rules 4 and 5).
#pragma once

#include "half.h"
#include "lanes.h"
#include "lowbit_kernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace lowbit {
namespace LOWBIT_ISA {

constexpr uint32_t QUIET_NAN_BITS = 0x7fc00000u;

// Element `index` as f32.
static inline float load_scale(const void* array, int32_t dtype, int64_t index) {
  const uint8_t* bytes = (const uint8_t*)array;
  if (dtype == SCALE_F32) {
    float value;
    __builtin_memcpy(&value, bytes + index * 4, sizeof value);
    return value;
  }
  uint16_t half;
  __builtin_memcpy(&half, bytes + index * 2, sizeof half);
  return dtype == SCALE_F16 ? decode_f16_value(half) : decode_bf16_value(half);
}

// Rounds to the storage dtype (half to even, −0 to +0, overflow to infinity, every NaN to the one quiet NaN), writes it,
// and returns it read back: the value that codes must be chosen with.
static inline float store_scale(void* array, int32_t dtype, int64_t index, float value) {
  uint8_t* bytes = (uint8_t*)array;
  value = value == value ? value + 0.0f : float_of_bits(QUIET_NAN_BITS);
  if (dtype == SCALE_F32) {
    __builtin_memcpy(bytes + index * 4, &value, sizeof value);
    return value;
  }
  uint16_t half = dtype == SCALE_F16 ? encode_f16_value(value) : encode_bf16_value(value);
  if (half == 0x8000) half = 0;  // a tiny negative value that rounds to zero
  __builtin_memcpy(bytes + index * 2, &half, sizeof half);
  return dtype == SCALE_F16 ? decode_f16_value(half) : decode_bf16_value(half);
}

// Sixteen values as store_scale would store and return them.
static inline F32x16 round_to_scale_lanes(F32x16 v, int32_t dtype) {
  if (dtype == SCALE_F16) return decode_f16_lanes(encode_f16_lanes(v)) + 0.0f;
  if (dtype == SCALE_BF16) return decode_bf16_lanes(encode_bf16_lanes(v)) + 0.0f;
  const I32x16 is_nan = (I32x16)(((U32x16)v & 0x7fffffffu) > 0x7f800000u);
  return (F32x16)select_bits(is_nan, U32x16{} + QUIET_NAN_BITS, (U32x16)(v + 0.0f));
}

// Stores the first `count` lanes from element `index` on; the lanes come from round_to_scale_lanes.
static inline void store_scale_lanes(void* array, int32_t dtype, int64_t index, F32x16 rounded, int count) {
  if (dtype == SCALE_F32) {
    __builtin_memcpy((uint8_t*)array + 4 * index, &rounded, (unsigned long)count * 4);
    return;
  }
  const U16x16 halves = dtype == SCALE_F16 ? encode_f16_lanes(rounded) : encode_bf16_lanes(rounded);
  __builtin_memcpy((uint8_t*)array + 2 * index, &halves, (unsigned long)count * 2);
}

// F16 in one instruction where there is one. It differs from decode_f16_lanes in signalling NaNs only, which become quiet,
// as the first operation with such a scale would make them.
static inline F32x16 f16_scale_lanes(U16x16 halves) {
#if defined(__AVX512F__)
  return (F32x16)_mm512_cvtph_ps((__m256i)halves);
#else
  return decode_f16_lanes(halves);
#endif
}

// The first `count` lanes from element `index` on, the other lanes 0.
static inline F32x16 load_scale_lanes(const void* array, int32_t dtype, int64_t index, int count) {
  if (dtype == SCALE_F32) {
    F32x16 v = {};
    if (count == LANES) return load((const float*)array + index);
    __builtin_memcpy(&v, (const uint8_t*)array + 4 * index, (unsigned long)count * 4);
    return v;
  }
  U16x16 halves = {};
  // A copy of known length is one load; one of unknown length is a call.
  if (count == LANES)
    __builtin_memcpy(&halves, (const uint8_t*)array + 2 * index, sizeof halves);
  else
    __builtin_memcpy(&halves, (const uint8_t*)array + 2 * index, (unsigned long)count * 2);
  return dtype == SCALE_F16 ? f16_scale_lanes(halves) : decode_bf16_lanes(halves);
}

// Elements begin … begin + count − 1 as f32.
static inline void load_scales(const void* array, int32_t dtype, int64_t begin, int32_t count, float* target) {
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) store(target + i, load_scale_lanes(array, dtype, begin + i, LANES));
  for (; i < count; i++) target[i] = load_scale(array, dtype, begin + i);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

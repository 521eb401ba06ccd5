// Sixteen scales, means, minimums or float zero points at a time, for fits that work on sixteen groups at once
// (docs/numerics.md, rules 4 and 5).
#pragma once

#include "half.h"
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

// v in the storage dtype, read back: half to even, −0 becomes +0, overflow an infinity.
static inline F32x16 round_to_scale_lanes(F32x16 v, int32_t dtype) {
  if (dtype == SCALE_F16) return decode_f16_lanes(encode_f16_lanes(v)) + 0.0f;
  if (dtype == SCALE_BF16) return decode_bf16_lanes(encode_bf16_lanes(v)) + 0.0f;
  return v + 0.0f;
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
  return dtype == SCALE_F16 ? decode_f16_lanes(halves) : decode_bf16_lanes(halves);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

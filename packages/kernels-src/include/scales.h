// Arrays of scales, means, minimums and float zero points in a ScaleDtype (twin of core/src/terms/scale-array.ts).
#pragma once

#include "half.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Rounds to the storage dtype (half to even, -0 to +0, overflow to infinity, every NaN to the one quiet NaN), writes
// it, and returns it read back: the value that codes must be chosen with (docs/numerics.md, rule 5).
static inline float store_scale(void* array, int32_t dtype, int64_t index, float value) {
  return round_to_scale(value == value ? value : float_of_bits(0x7fc00000u), dtype, array, index);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

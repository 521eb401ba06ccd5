// Adding a run of decoded values to a row of the target: at consecutive columns, or at the covered ones.
#pragma once

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

static inline uint32_t load_u32(const uint8_t* array, int64_t index) {
  uint32_t value;
  __builtin_memcpy(&value, array + 4 * index, sizeof value);
  return value;
}

static inline void add_contiguous(const float* values, int32_t count, float* target) {
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) store(target + i, load(target + i) + load(values + i));
  for (; i < count; i++) target[i] += values[i];
}

// values[i] goes to column columns[begin + i] (U32, any alignment).
static inline void add_scattered(const float* values, const uint8_t* columns, int32_t begin, int32_t count,
                                 float* target) {
  for (int32_t i = 0; i < count; i++) target[load_u32(columns, (int64_t)begin + i)] += values[i];
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

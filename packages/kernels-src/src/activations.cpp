// Activations made ready for products: int8 codes, planes and group sums.
#include "int8_sums.h"
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

void quantize_activations(const float* x, int32_t tokens, int32_t columns, int8_t* codes, float* scale) {
  for (int32_t token = 0; token < tokens; token++) {
    const float* values = x + (int64_t)token * columns;
    int8_t* target = codes + (int64_t)token * columns;
    F32x16 largest = {};
    int32_t i = 0;
    for (; i + LANES <= columns; i += LANES) largest = maximum(largest, absolute(load(values + i)));
    if (i < columns) largest = maximum(largest, absolute(load_part(values + i, columns - i, 0.0f)));
    float abs_maximum = 0;
    for (int lane = 0; lane < LANES; lane++)
      if (largest[lane] > abs_maximum) abs_maximum = largest[lane];
    const float step = abs_maximum / 127.0f;
    scale[token] = step;
    if (step == 0) {
      __builtin_memset(target, 0, (unsigned long)columns);
      continue;
    }
    typedef int8_t I8x16 __attribute__((vector_size(16)));
    for (i = 0; i < columns; i += LANES) {
      const int count = columns - i < LANES ? columns - i : LANES;
      const F32x16 v = count == LANES ? load(values + i) : load_part(values + i, count, 0.0f);
      const F32x16 limited = minimum(maximum(v / splat(step), splat(-127.0f)), splat(127.0f));
      const I8x16 rounded = __builtin_convertvector(__builtin_convertvector(round_half_even(limited), I32x16), I8x16);
      __builtin_memcpy(target + i, &rounded, (unsigned long)count);
    }
  }
}

template <typename Value>
static void make_planes(const Value* x, int32_t tokens, int32_t columns, int32_t fields, const Value* factors,
                        Value* planes) {
  const int64_t stride = plane_stride(columns, fields);
  for (int32_t token = 0; token < tokens; token++)
    for (int32_t field = 0; field < fields; field++) {
      const Value* from = x + (int64_t)token * columns + field;
      Value* to = planes + ((int64_t)token * fields + field) * stride;
      const int32_t filled = field < columns ? (columns - field + fields - 1) / fields : 0;
      for (int32_t i = 0; i < filled; i++) to[i] = (Value)(from[(int64_t)i * fields] * factors[field]);
      for (int64_t i = filled; i < stride; i++) to[i] = 0;
    }
}

void int8_planes(const int8_t* x, int32_t tokens, int32_t columns, int32_t fields, int8_t* planes) {
  const int8_t ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  make_planes(x, tokens, columns, fields, ones, planes);
}
// A field that is masked where it stands in its byte is too large by a power of two, which its plane takes back.
void float_planes(const float* x, int32_t tokens, int32_t columns, int32_t fields, float* planes) {
  float factors[8];
  for (int32_t field = 0; field < fields; field++) factors[field] = 1.0f / (float)(1 << (field * 8 / fields));
  make_planes(x, tokens, columns, fields, factors, planes);
}

template <typename Value, typename Sum>
static void sum_groups(const Value* x, int32_t tokens, int32_t columns, int32_t group_size, Sum* sums) {
  for (int32_t token = 0; token < tokens; token++) {
    const Value* values = x + (int64_t)token * columns;
    for (int32_t begin = 0; begin < columns;) {
      const int32_t end = columns - begin > group_size ? begin + group_size : columns;
      Sum partial[LANES] = {};
      int32_t i = begin;
      for (; i + LANES <= end; i += LANES)
        for (int lane = 0; lane < LANES; lane++) partial[lane] += values[i + lane];
      for (; i < end; i++) partial[0] += values[i];
      Sum sum = 0;
      for (int lane = 0; lane < LANES; lane++) sum += partial[lane];
      *sums++ = sum;
      begin = end;
    }
  }
}

void int8_group_sums(const int8_t* x, int32_t tokens, int32_t columns, int32_t group_size, int32_t* sums) {
  sum_groups(x, tokens, columns, group_size, sums);
}
void float_group_sums(const float* x, int32_t tokens, int32_t columns, int32_t group_size, float* sums) {
  sum_groups(x, tokens, columns, group_size, sums);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

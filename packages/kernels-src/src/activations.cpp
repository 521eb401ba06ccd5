// Activations made ready for products: int8 codes, planes and group sums.
#include "half.h"
#include "int8_sums.h"
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

void quantize_activations(const float* x, int32_t tokens, int32_t columns, int32_t largest, int8_t* codes,
                          float* scale) {
  const float limit = (float)largest;
  for (int32_t token = 0; token < tokens; token++) {
    const float* values = x + (int64_t)token * columns;
    int8_t* target = codes + (int64_t)token * columns;
    F32x16 peaks = {};
    int32_t i = 0;
    for (; i + LANES <= columns; i += LANES) peaks = maximum(peaks, absolute(load(values + i)));
    if (i < columns) peaks = maximum(peaks, absolute(load_part(values + i, columns - i, 0.0f)));
    float abs_maximum = 0;
    for (int lane = 0; lane < LANES; lane++)
      if (peaks[lane] > abs_maximum) abs_maximum = peaks[lane];
    const float step = abs_maximum / limit;
    scale[token] = step;
    if (step == 0) {
      __builtin_memset(target, 0, (unsigned long)columns);
      continue;
    }
    typedef int8_t I8x16 __attribute__((vector_size(16)));
    for (i = 0; i < columns; i += LANES) {
      const int count = columns - i < LANES ? columns - i : LANES;
      const F32x16 v = count == LANES ? load(values + i) : load_part(values + i, count, 0.0f);
      const F32x16 limited = minimum(maximum(v / splat(step), splat(-limit)), splat(limit));
      const I8x16 rounded = __builtin_convertvector(__builtin_convertvector(round_half_even(limited), I32x16), I8x16);
      __builtin_memcpy(target + i, &rounded, (unsigned long)count);
    }
  }
}

// The largest fixed-point number whose three digits −128 … 127 all exist.
constexpr int32_t LARGEST_FRACTION = 2 * (127 * 0x10101) - (1 << 23);

// −1 for a group that has no digits.
static float digit_factor(const float* x, int32_t count) {
  I32x16 peaks = {};
  for (int32_t i = 0; i < count; i += LANES) {
    const F32x16 v = count - i < LANES ? load_part(x + i, count - i, 0.0f) : load(x + i);
    const I32x16 magnitude = (I32x16)v & 0x7fffffff;
    peaks = magnitude > peaks ? magnitude : peaks;
  }
  int32_t peak = 0;
  for (int lane = 0; lane < LANES; lane++)
    if (peaks[lane] > peak) peak = peaks[lane];
  if (peak == 0) return 0;
  const int32_t exponent = (peak >> 23) - 127;
  if (exponent < -100 || exponent == 128) return -1;
  const int32_t shift = ((peak & 0x7fffff) <= LARGEST_FRACTION ? 22 : 21) - exponent;
  return float_of_bits((uint32_t)(127 + shift) << 23);
}

// The digits of x·factor, `stride` apart; returns their sum.
static double write_digits(const float* x, int32_t count, float factor, int8_t* digits, int64_t stride) {
  typedef int8_t I8x16 __attribute__((vector_size(16)));
  I32x16 sums = {};
  double sum = 0;
  for (int32_t i = 0; i < count; i += LANES) {
    const int32_t part = count - i < LANES ? count - i : LANES;
    const F32x16 v = (part < LANES ? load_part(x + i, part, 0.0f) : load(x + i)) * factor;
    // In two steps, each of which stays within what round_half_even takes.
    const F32x16 high = round_half_even(v * (1.0f / 256)) * 256.0f;
    I32x16 fixed = __builtin_convertvector(high, I32x16) + __builtin_convertvector(round_half_even(v - high), I32x16);
    sums += fixed;
    if (i / LANES % 128 == 127 || i + LANES >= count) {  // 128 numbers below 2^23 fit
      for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
      sums = I32x16{};
    }
    for (int d = 0; d < 3; d++) {
      const I32x16 digit = (fixed << 24) >> 24;
      const I8x16 bytes = __builtin_convertvector(digit, I8x16);
      __builtin_memcpy(digits + d * stride + i, &bytes, (unsigned long)part);
      fixed = (fixed - digit) >> 8;
    }
  }
  return sum;
}

int32_t float_digits(const float* x, int32_t tokens, int32_t columns, int32_t group_size, int8_t* digits, float* scale,
                     float* sums) {
  for (int64_t token = 0; token < tokens; token++)
    for (int64_t begin = 0; begin < columns; begin += group_size) {
      const int32_t count = (int32_t)(columns - begin < group_size ? columns - begin : group_size);
      const float* from = x + token * columns + begin;
      const float factor = digit_factor(from, count);
      if (factor < 0) return 0;
      *scale = factor == 0 ? 0 : 1 / factor;
      *sums++ = (float)(write_digits(from, count, factor, digits + 3 * token * columns + begin, columns) * *scale);
      scale++;
    }
  return 1;
}

template <typename Value>
static void make_planes(const Value* x, int32_t tokens, int32_t columns, int32_t fields, Value* planes) {
  const int64_t stride = plane_stride(columns, fields);
  for (int32_t token = 0; token < tokens; token++)
    for (int32_t field = 0; field < fields; field++) {
      const Value* from = x + (int64_t)token * columns + field;
      Value* to = planes + ((int64_t)token * fields + field) * stride;
      const int32_t filled = field < columns ? (columns - field + fields - 1) / fields : 0;
      for (int32_t i = 0; i < filled; i++) to[i] = from[(int64_t)i * fields];
      for (int64_t i = filled; i < stride; i++) to[i] = 0;
    }
}

#if !defined(__wasm__)  // whose compilers take such shuffles apart, byte by byte
typedef int8_t I8x64 __attribute__((vector_size(64)));

// Sixty-four activations so that those of one field lie together.
template <int FIELDS>
static inline I8x64 by_field(I8x64 v);
template <>
inline I8x64 by_field<2>(I8x64 v) {
  return __builtin_shufflevector(v, v, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42,
                                 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25,
                                 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
}
template <>
inline I8x64 by_field<4>(I8x64 v) {
  return __builtin_shufflevector(v, v, 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 1, 5, 9, 13, 17, 21,
                                 25, 29, 33, 37, 41, 45, 49, 53, 57, 61, 2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46,
                                 50, 54, 58, 62, 3, 7, 11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 51, 55, 59, 63);
}
template <>
inline I8x64 by_field<8>(I8x64 v) {
  return __builtin_shufflevector(v, v, 0, 8, 16, 24, 32, 40, 48, 56, 1, 9, 17, 25, 33, 41, 49, 57, 2, 10, 18, 26, 34, 42,
                                 50, 58, 3, 11, 19, 27, 35, 43, 51, 59, 4, 12, 20, 28, 36, 44, 52, 60, 5, 13, 21, 29, 37,
                                 45, 53, 61, 6, 14, 22, 30, 38, 46, 54, 62, 7, 15, 23, 31, 39, 47, 55, 63);
}

template <int FIELDS>
static void spread_fields(const int8_t* x, int32_t tokens, int32_t columns, int8_t* planes) {
  constexpr int SPAN = 64 / FIELDS;
  const int64_t stride = plane_stride(columns, FIELDS);
  for (int32_t token = 0; token < tokens; token++, x += columns, planes += FIELDS * stride)
    for (int64_t begin = 0; begin < stride * FIELDS; begin += 64) {
      const int64_t left = columns - begin;
      I8x64 v = {};
      if (left >= 64)
        __builtin_memcpy(&v, x + begin, sizeof v);
      else if (left > 0)
        __builtin_memcpy(&v, x + begin, (unsigned long)left);
      v = by_field<FIELDS>(v);
      for (int field = 0; field < FIELDS; field++)
        __builtin_memcpy(planes + field * stride + begin / FIELDS, (const int8_t*)&v + field * SPAN, SPAN);
    }
}

#endif

void int8_planes(const int8_t* x, int32_t tokens, int32_t columns, int32_t fields, int8_t* planes) {
#if !defined(__wasm__)
  if (fields == 8) return spread_fields<8>(x, tokens, columns, planes);
  if (fields == 4) return spread_fields<4>(x, tokens, columns, planes);
  if (fields == 2) return spread_fields<2>(x, tokens, columns, planes);
#endif
  make_planes(x, tokens, columns, fields, planes);
}
void float_planes(const float* x, int32_t tokens, int32_t columns, int32_t fields, float* planes) {
  make_planes(x, tokens, columns, fields, planes);
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

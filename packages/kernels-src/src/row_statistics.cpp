// Extremes, power sums and counts of every row.
#include "lowbit_kernels.h"
#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

struct PowerSums {
  double lanes[4][LANES];
};

// `count` is a multiple of LANES.
template <typename Widen>
inline void add_powers(const float* from, int32_t count, PowerSums& sums, Widen widen) {
  for (int part = 0; part < LANES; part += WIDE) {
    DoubleWide s1 = load_as<DoubleWide>(sums.lanes[0] + part), s2 = load_as<DoubleWide>(sums.lanes[1] + part);
    DoubleWide s3 = load_as<DoubleWide>(sums.lanes[2] + part), s4 = load_as<DoubleWide>(sums.lanes[3] + part);
    for (int32_t i = part; i < count; i += LANES) {
      const DoubleWide x = widen(load_as<IntWide>(from + i));
      const DoubleWide x2 = x * x;
      s1 += x;
      s2 += x2;
      s3 += x2 * x;
      s4 += x2 * x2;
    }
    store_as(sums.lanes[0] + part, s1);
    store_as(sums.lanes[1] + part, s2);
    store_as(sums.lanes[2] + part, s3);
    store_as(sums.lanes[3] + part, s4);
  }
}

template <typename Widen>
inline void add_powers_padded(const float* from, int32_t count, PowerSums& sums, Widen widen) {
  const int32_t whole = count & ~(LANES - 1);
  add_powers(from, whole, sums, widen);
  if (whole == count) return;
  float rest[LANES] = {};
  __builtin_memcpy(rest, from + whole, (uint32_t)(count - whole) * sizeof(float));
  add_powers(rest, LANES, sums, widen);
}

// Integers in the order of the floats: −NaN … −∞ … −0, +0 … +∞ … NaN.
inline int32_t order_key(int32_t bits) { return bits ^ ((bits >> 31) & ABS_MASK); }

struct Extremes {
  int32_t least = 0x7fffffff, greatest = -0x7fffffff - 1, abs = 0;
  uint32_t nan = 0, infinite = 0, zero = 0;

  void look(int32_t bits) {
    const int32_t magnitude = bits & ABS_MASK, key = order_key(bits);
    if (magnitude >= INFINITE_BITS) {
      (magnitude > INFINITE_BITS ? nan : infinite)++;
      return;
    }
    zero += magnitude == 0;
    least = key < least ? key : least;
    greatest = key > greatest ? key : greatest;
    abs = magnitude > abs ? magnitude : abs;
  }

  // Sixteen lanes at a time, for values known to be finite.
  void look_finite(const float* from, int32_t count) {
    I32x16 low = I32x16{} + least, high = I32x16{} + greatest, top = I32x16{} + abs, zeros = {};
    for (int32_t i = 0; i < count; i += LANES) {
      const I32x16 bits = load_as<I32x16>(from + i);
      const I32x16 magnitude = bits & ABS_MASK, key = bits ^ ((bits >> 31) & ABS_MASK);
      low = key < low ? key : low;
      high = key > high ? key : high;
      top = magnitude > top ? magnitude : top;
      zeros -= magnitude == 0;
    }
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; lane++) {
      least = low[lane] < least ? low[lane] : least;
      greatest = high[lane] > greatest ? high[lane] : greatest;
      abs = top[lane] > abs ? top[lane] : abs;
      zero += (uint32_t)zeros[lane];
    }
  }
};

inline float float_of(int32_t bits) { return load_as<float>(&bits); }

// +0 for both zeros.
inline float float_of_key(int32_t key) {
  const int32_t bits = order_key(key);
  return (bits & ABS_MASK) == 0 ? 0.0f : float_of(bits);
}

}  // namespace

void row_statistics(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, float* minimum,
                    float* maximum, float* abs_maximum, double* sum, double* sum2, double* sum3, double* sum4,
                    uint32_t* nan_count, uint32_t* infinite_count, uint32_t* zero_count) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* from = values + (int64_t)row * columns;
    Extremes extremes;
    PowerSums sums = {};
    for (int32_t column = 0; column < columns; column += CHUNK) {
      const float* chunk = from + column;
      const int32_t count = columns - column < CHUNK ? columns - column : CHUNK;
      const OddValues odd = find_odd_values(chunk, count);
      const int32_t whole = odd.not_finite ? 0 : count & ~(LANES - 1);
      extremes.look_finite(chunk, whole);
      for (int32_t i = whole; i < count; i++) extremes.look(load_as<int32_t>(chunk + i));
      if (odd.subnormal || odd.not_finite)
        add_powers_padded(chunk, count, sums, [](IntWide bits) { return widen_any(bits, finite_lanes(bits)); });
      else
        add_powers_padded(chunk, count, sums, [](IntWide bits) { return widen_normal(bits); });
    }
    const bool any = extremes.least <= extremes.greatest;
    minimum[row] = any ? float_of_key(extremes.least) : float_of(INFINITE_BITS);
    maximum[row] = any ? float_of_key(extremes.greatest) : -float_of(INFINITE_BITS);
    abs_maximum[row] = float_of(extremes.abs);
    sum[row] = tree_sum(sums.lanes[0]);
    sum2[row] = tree_sum(sums.lanes[1]);
    sum3[row] = tree_sum(sums.lanes[2]);
    sum4[row] = tree_sum(sums.lanes[3]);
    nan_count[row] = extremes.nan;
    infinite_count[row] = extremes.infinite;
    zero_count[row] = extremes.zero;
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

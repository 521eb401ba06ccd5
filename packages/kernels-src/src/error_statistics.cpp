// Signal, noise and their products of every row of a weight and its approximation.
#include "lowbit_kernels.h"
#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

enum { SIGNAL, NOISE, POWER, PRODUCT, LARGEST, FIGURES };

struct ErrorSums {
  double lanes[FIGURES][LANES];
};

inline DoubleWide magnitude(DoubleWide v) { return (DoubleWide)((LongWide)v & INT64_MAX); }

struct WidePair {
  DoubleWide w, approximated;
};

// `count` is a multiple of LANES.
template <typename Widen>
inline void add_errors(const float* original, const float* approximation, int32_t count, ErrorSums& sums, Widen widen) {
  for (int part = 0; part < LANES; part += WIDE) {
    DoubleWide signal = load_as<DoubleWide>(sums.lanes[SIGNAL] + part);
    DoubleWide noise = load_as<DoubleWide>(sums.lanes[NOISE] + part);
    DoubleWide power = load_as<DoubleWide>(sums.lanes[POWER] + part);
    DoubleWide product = load_as<DoubleWide>(sums.lanes[PRODUCT] + part);
    DoubleWide largest = load_as<DoubleWide>(sums.lanes[LARGEST] + part);
    for (int32_t i = part; i < count; i += LANES) {
      const WidePair pair = widen(load_as<IntWide>(original + i), load_as<IntWide>(approximation + i));
      const DoubleWide difference = pair.w - pair.approximated, error = magnitude(difference);
      signal += pair.w * pair.w;
      noise += difference * difference;
      power += pair.approximated * pair.approximated;
      product += pair.w * pair.approximated;
      largest = error > largest ? error : largest;
    }
    store_as(sums.lanes[SIGNAL] + part, signal);
    store_as(sums.lanes[NOISE] + part, noise);
    store_as(sums.lanes[POWER] + part, power);
    store_as(sums.lanes[PRODUCT] + part, product);
    store_as(sums.lanes[LARGEST] + part, largest);
  }
}

template <typename Widen>
inline void add_errors_padded(const float* original, const float* approximation, int32_t count, ErrorSums& sums,
                              Widen widen) {
  const int32_t whole = count & ~(LANES - 1);
  add_errors(original, approximation, whole, sums, widen);
  if (whole == count) return;
  float rest[LANES] = {}, approximation_rest[LANES] = {};
  __builtin_memcpy(rest, original + whole, (uint32_t)(count - whole) * sizeof(float));
  __builtin_memcpy(approximation_rest, approximation + whole, (uint32_t)(count - whole) * sizeof(float));
  add_errors(rest, approximation_rest, LANES, sums, widen);
}

inline bool is_finite(const float* value) { return (load_as<int32_t>(value) & ABS_MASK) < INFINITE_BITS; }

}  // namespace

void error_statistics(int32_t row_begin, int32_t row_end, const float* original, const float* approximation,
                      int32_t columns, double* signal, double* noise, double* approximation_power, double* product,
                      float* maximum, uint32_t* non_finite_count) {
  for (int32_t row = row_begin; row < row_end; row++) {
    ErrorSums sums = {};
    uint32_t left_out = 0;
    for (int32_t column = 0; column < columns; column += CHUNK) {
      const float* w = original + (int64_t)row * columns + column;
      const float* approximated = approximation + (int64_t)row * columns + column;
      const int32_t count = columns - column < CHUNK ? columns - column : CHUNK;
      const OddValues odd = find_odd_values(w, count), odd_too = find_odd_values(approximated, count);
      if (odd.not_finite || odd_too.not_finite)
        for (int32_t i = 0; i < count; i++) left_out += !is_finite(w + i) || !is_finite(approximated + i);
      if (odd.not_finite || odd_too.not_finite || odd.subnormal || odd_too.subnormal)
        add_errors_padded(w, approximated, count, sums, [](IntWide a, IntWide b) {
          const IntWide keep = finite_lanes(a) & finite_lanes(b);
          return WidePair{widen_any(a, keep), widen_any(b, keep)};
        });
      else
        add_errors_padded(w, approximated, count, sums,
                          [](IntWide a, IntWide b) { return WidePair{widen_normal(a), widen_normal(b)}; });
    }
    double largest = 0;
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; lane++)
      if (sums.lanes[LARGEST][lane] > largest) largest = sums.lanes[LARGEST][lane];
    signal[row] = tree_sum(sums.lanes[SIGNAL]);
    noise[row] = tree_sum(sums.lanes[NOISE]);
    approximation_power[row] = tree_sum(sums.lanes[POWER]);
    product[row] = tree_sum(sums.lanes[PRODUCT]);
    maximum[row] = (float)largest;
    non_finite_count[row] = left_out;
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Σ w², Σ (w − ŵ)², Σ ŵ² and Σ w·ŵ of a row, span by span (twin of core/src/backend/reference/error-statistics.ts).
//
// A span of moderate magnitudes is summed in f32, where nothing overflows or becomes subnormal and at most
// ERROR_SPAN / 16 values meet in one sum; its sixteen sums then go into f64. Any other span is summed in f64.
#pragma once

#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t ERROR_SPAN = 512;

// Moderate: 0, or 2^−40 ≤ |v| < 2^60. Differences of two such values are 0 or at least 2^−63, their squares normal.
constexpr int32_t LEAST_MODERATE_BITS = (127 - 40) << 23;
constexpr int32_t BEYOND_MODERATE_BITS = (127 + 60) << 23;

enum { SIGNAL, NOISE, POWER, PRODUCT, ERROR_FIGURES };

typedef uint32_t UnsignedWide __attribute__((vector_size(LOWBIT_WIDE * 4)));

inline DoubleWide magnitude(DoubleWide v) { return (DoubleWide)((LongWide)v & INT64_MAX); }
inline FloatWide magnitude(FloatWide v) { return (FloatWide)((IntWide)v & ABS_MASK); }
template <typename Vector>
inline Vector larger(Vector a, Vector b) {
  return a > b ? a : b;
}

struct ErrorSums {
  double lanes[ERROR_FIGURES][LANES];
  float largest[LANES];
  double wide_largest[LANES];
  uint32_t non_finite;

  // `count` ≤ ERROR_SPAN weights of a row, from a multiple of ERROR_SPAN on.
  inline void add_span(const float* original, const float* approximation, int32_t count) {
    float padded[2][ERROR_SPAN];
    if (count % LANES != 0) {
      const int32_t whole = (count + LANES - 1) / LANES * LANES;
      __builtin_memset(padded[0] + whole - LANES, 0, LANES * sizeof(float));
      __builtin_memset(padded[1] + whole - LANES, 0, LANES * sizeof(float));
      __builtin_memcpy(padded[0], original, (unsigned long)count * sizeof(float));
      __builtin_memcpy(padded[1], approximation, (unsigned long)count * sizeof(float));
      original = padded[0];
      approximation = padded[1];
      count = whole;
    }
    if (is_moderate(original, approximation, count))
      add_moderate(original, approximation, count);
    else
      add_any(original, approximation, count);
  }

  inline float maximum() const {
    float most = 0;
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; lane++) {
      const float wide = (float)wide_largest[lane];
      if (largest[lane] > most) most = largest[lane];
      if (wide > most) most = wide;
    }
    return most;
  }

  static inline bool is_moderate(const float* original, const float* approximation, int32_t count) {
    // 0 becomes the largest unsigned number, so one minimum finds the smallest value that is not 0.
    UnsignedWide least = ~UnsignedWide{};
    UnsignedWide most = {};
    for (int32_t i = 0; i < count; i += WIDE) {
      const UnsignedWide w = (UnsignedWide)(load_as<IntWide>(original + i) & ABS_MASK);
      const UnsignedWide approximated = (UnsignedWide)(load_as<IntWide>(approximation + i) & ABS_MASK);
      const UnsignedWide before = w - 1, approximated_before = approximated - 1;
      most = larger(most, larger(w, approximated));
      least = least < before ? least : before;
      least = least < approximated_before ? least : approximated_before;
    }
    bool moderate = true;
#pragma GCC unroll 16
    for (int lane = 0; lane < WIDE; lane++)
      moderate &= most[lane] < (uint32_t)BEYOND_MODERATE_BITS && least[lane] >= (uint32_t)LEAST_MODERATE_BITS - 1;
    return moderate;
  }

  inline void add_moderate(const float* original, const float* approximation, int32_t count) {
    for (int part = 0; part < LANES; part += WIDE) {
      FloatWide signal = {}, noise = {}, power = {}, product = {};
      FloatWide most = load_as<FloatWide>(largest + part);
      for (int32_t i = part; i < count; i += LANES) {
        const FloatWide w = load_as<FloatWide>(original + i), approximated = load_as<FloatWide>(approximation + i);
        const FloatWide difference = w - approximated;
        signal += w * w;
        noise += difference * difference;
        power += approximated * approximated;
        product += w * approximated;
        most = larger(most, magnitude(difference));
      }
      store_as(largest + part, most);
      add_lanes(SIGNAL, part, widen_sums(signal));
      add_lanes(NOISE, part, widen_sums(noise));
      add_lanes(POWER, part, widen_sums(power));
      add_lanes(PRODUCT, part, widen_sums(product));
    }
  }

  // Differences, products and sums in f64; pairs that are not finite are counted and add 0.
  inline void add_any(const float* original, const float* approximation, int32_t count) {
    for (int part = 0; part < LANES; part += WIDE) {
      DoubleWide signal = load_as<DoubleWide>(lanes[SIGNAL] + part), noise = load_as<DoubleWide>(lanes[NOISE] + part);
      DoubleWide power = load_as<DoubleWide>(lanes[POWER] + part), product = load_as<DoubleWide>(lanes[PRODUCT] + part);
      DoubleWide most = load_as<DoubleWide>(wide_largest + part);
      IntWide finite_pairs = {};
      for (int32_t i = part; i < count; i += LANES) {
        const IntWide w_bits = load_as<IntWide>(original + i), approximated_bits = load_as<IntWide>(approximation + i);
        const IntWide keep = finite_lanes(w_bits) & finite_lanes(approximated_bits);
        const DoubleWide w = widen_any(w_bits, keep), approximated = widen_any(approximated_bits, keep);
        const DoubleWide difference = w - approximated;
        finite_pairs -= keep;
        signal += w * w;
        noise += difference * difference;
        power += approximated * approximated;
        product += w * approximated;
        most = larger(most, magnitude(difference));
      }
      store_as(lanes[SIGNAL] + part, signal);
      store_as(lanes[NOISE] + part, noise);
      store_as(lanes[POWER] + part, power);
      store_as(lanes[PRODUCT] + part, product);
      store_as(wide_largest + part, most);
      for (int lane = 0; lane < WIDE; lane++) non_finite += (uint32_t)(count / LANES - finite_pairs[lane]);
    }
  }

  static inline DoubleWide widen_sums(FloatWide sums) { return __builtin_convertvector(sums, DoubleWide); }
  inline void add_lanes(int figure, int part, DoubleWide more) {
    store_as(lanes[figure] + part, load_as<DoubleWide>(lanes[figure] + part) + more);
  }
};

// Where the figures of every row go.
struct ErrorFigures {
  double *signal, *noise, *approximation_power, *product;
  float* maximum;
  uint32_t* non_finite_count;
};

static inline void row_errors(const float* original, const float* approximation, int32_t columns, const ErrorFigures& to,
                int32_t row) {
  ErrorSums sums = {};
  for (int32_t column = 0; column < columns; column += ERROR_SPAN) {
    const int32_t left = columns - column;
    sums.add_span(original + column, approximation + column, left < ERROR_SPAN ? left : ERROR_SPAN);
  }
  to.signal[row] = tree_sum(sums.lanes[SIGNAL]);
  to.noise[row] = tree_sum(sums.lanes[NOISE]);
  to.approximation_power[row] = tree_sum(sums.lanes[POWER]);
  to.product[row] = tree_sum(sums.lanes[PRODUCT]);
  to.maximum[row] = sums.maximum();
  to.non_finite_count[row] = sums.non_finite;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

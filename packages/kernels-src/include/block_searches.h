// ggml's searches for sixteen sub-blocks at once: the twins of range-search.ts, signed-search.ts and iq4-table.ts in
// core/src/blocks, which explain them.
#pragma once

#include "sub_blocks.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr float LEAST_MAGNITUDE = 1e-15f;

enum RangeError { RANGE_ABSOLUTE, RANGE_SQUARED };

template <int ERROR, int N>
static inline F32x16 range_error(const F32x16 (&x)[N], const F32x16 (&w)[N], const F32x16 (&codes)[N], F32x16 scale,
                                 F32x16 low) {
  F32x16 error = {};
  for (int i = 0; i < N; i++) {
    const F32x16 difference = scale * codes[i] + low - x[i];
    error = error + w[i] * (ERROR == RANGE_ABSOLUTE ? absolute(difference) : difference * difference);
  }
  return error;
}

template <int ERROR, int N>
static inline void search_range(const F32x16 (&x)[N], const F32x16 (&w)[N], float largest_code, float first_part,
                                int parts, F32x16 (&codes)[N], F32x16* scale, F32x16* subtracted) {
  F32x16 low = x[0], high = x[0], sum_w = w[0], sum_x = w[0] * x[0];
  for (int i = 1; i < N; i++) {
    low = minimum(low, x[i]);
    high = maximum(high, x[i]);
    sum_w = sum_w + w[i];
    sum_x = sum_x + w[i] * x[i];
  }
  low = minimum(low, F32x16{});
  const I32x16 varies = high != low;
  F32x16 inverse = largest_code / (high - low);
  F32x16 best = 1.0f / inverse;
  for (int i = 0; i < N; i++) codes[i] = clamped_integer(inverse * (x[i] - low), 0.0f, largest_code);
  F32x16 least = range_error<ERROR>(x, w, codes, best, low);
  F32x16 tried[N];
  for (int k = 0; k <= parts; k++) {
    const float part = (first_part + 0.1f * (float)k) + largest_code;
    inverse = part / (high - low);
    F32x16 sum_l = {}, sum_l2 = {}, sum_xl = {};
    for (int i = 0; i < N; i++) {
      tried[i] = clamped_integer(inverse * (x[i] - low), 0.0f, largest_code);
      const F32x16 wl = w[i] * tried[i];
      sum_l = sum_l + wl;
      sum_l2 = sum_l2 + wl * tried[i];
      sum_xl = sum_xl + wl * x[i];
    }
    const F32x16 determinant = sum_w * sum_l2 - sum_l * sum_l;
    F32x16 tried_scale = (sum_w * sum_xl - sum_x * sum_l) / determinant;
    F32x16 tried_low = (sum_l2 * sum_x - sum_l * sum_xl) / determinant;
    const I32x16 above = tried_low > F32x16{};
    tried_scale = choose(above, sum_xl / sum_l2, tried_scale);
    tried_low = choose(above, F32x16{}, tried_low);
    const F32x16 error = range_error<ERROR>(x, w, tried, tried_scale, tried_low);
    const I32x16 wins = (determinant > F32x16{}) & (error < least);
    if (!any_lane(wins)) continue;
    least = choose(wins, error, least);
    best = choose(wins, tried_scale, best);
    // Lanes that do not vary have no step, and their minimum stays.
    low = choose(wins & varies, tried_low, low);
    for (int i = 0; i < N; i++) codes[i] = choose(wins, tried[i], codes[i]);
  }
  for (int i = 0; i < N; i++) codes[i] = choose(varies, codes[i], F32x16{});
  *scale = choose(varies, best, F32x16{});
  *subtracted = -low;
}

// The value of largest magnitude, the first of equals. The magnitude is kept beside it: clang 19 drops |largest| from
// the comparison for AVX-512.
template <int N>
static inline F32x16 largest_magnitudes(const F32x16 (&x)[N]) {
  F32x16 largest = {}, magnitude = {};
  for (int i = 0; i < N; i++) {
    const I32x16 wins = absolute(x[i]) > magnitude;
    largest = choose(wins, x[i], largest);
    magnitude = choose(wins, absolute(x[i]), magnitude);
  }
  return largest;
}

// Codes are levels −half … half − 1, plus half.
template <int N>
static inline F32x16 search_signed(const F32x16 (&x)[N], float half, F32x16 (&codes)[N]) {
  const F32x16 largest = largest_magnitudes(x);
  const I32x16 is_zero = absolute(largest) < splat(LEAST_MAGNITUDE);
  F32x16 w[N], wx[N], tried[N];
  for (int i = 0; i < N; i++) {
    w[i] = x[i] * x[i];
    wx[i] = w[i] * x[i];
  }
  F32x16 scale = {}, best = {};
  for (int k = 0; k < 19; k++) {
    const int step = k == 0 ? 0 : k <= 9 ? k - 10 : k - 9;
    const F32x16 inverse = -(half + 0.1f * (float)step) / largest;
    F32x16 sum_xl = {}, sum_l2 = {};
    for (int i = 0; i < N; i++) {
      tried[i] = clamped_integer(inverse * x[i], -half, half - 1.0f);
      sum_xl = sum_xl + wx[i] * tried[i];
      sum_l2 = sum_l2 + w[i] * tried[i] * tried[i];
    }
    const I32x16 wins =
        k == 0 ? I32x16{} - 1 : (I32x16)(sum_l2 > F32x16{}) & (sum_xl * sum_xl > best * sum_l2);
    if (!any_lane(wins)) continue;
    scale = choose(wins, choose(sum_l2 != F32x16{}, sum_xl / sum_l2, F32x16{}), scale);
    best = choose(wins, scale * sum_xl, best);
    for (int i = 0; i < N; i++) codes[i] = choose(wins, tried[i] + half, codes[i]);
  }
  for (int i = 0; i < N; i++) codes[i] = choose(is_zero, F32x16{}, codes[i]);
  return choose(is_zero, F32x16{}, scale);
}

constexpr int MOST_GREEDY_PASSES = 5;

template <int N>
static inline F32x16 search_greedy(const F32x16 (&x)[N], float half, F32x16 (&codes)[N]) {
  const F32x16 largest = largest_magnitudes(x);
  const I32x16 is_zero = absolute(largest) < splat(LEAST_MAGNITUDE);
  const F32x16 inverse = -half / largest;
  F32x16 w[N], wx[N], sum_xl = {}, sum_l2 = {};
  for (int i = 0; i < N; i++) {
    w[i] = x[i] * x[i];
    wx[i] = w[i] * x[i];
    codes[i] = clamped_integer(inverse * x[i], -half, half - 1.0f);
    sum_xl = sum_xl + wx[i] * codes[i];
    sum_l2 = sum_l2 + w[i] * codes[i] * codes[i];
  }
  I32x16 active = I32x16{} - 1;
  for (int pass = 0; pass < MOST_GREEDY_PASSES && any_lane(active); pass++) {
    I32x16 changed = {};
    for (int i = 0; i < N; i++) {
      const F32x16 old = codes[i];
      F32x16 others_xl = sum_xl - wx[i] * old;
      F32x16 others_l2 = sum_l2 - w[i] * old * old;
      const F32x16 level = clamped_integer(x[i] * others_l2 / others_xl, -half, half - 1.0f);
      const I32x16 moves = active & (others_xl > F32x16{}) & (level != old);
      if (!any_lane(moves)) continue;
      others_xl = others_xl + wx[i] * level;
      others_l2 = others_l2 + w[i] * level * level;
      const I32x16 wins =
          moves & (others_l2 > F32x16{}) & (others_xl * others_xl * sum_l2 > sum_xl * sum_xl * others_l2);
      codes[i] = choose(wins, level, old);
      sum_xl = choose(wins, others_xl, sum_xl);
      sum_l2 = choose(wins, others_l2, sum_l2);
      changed |= wins;
    }
    active = changed;
  }
  for (int i = 0; i < N; i++) codes[i] = choose(is_zero, F32x16{}, codes[i] + half);
  return choose(~is_zero & (sum_l2 > F32x16{}), sum_xl / sum_l2, F32x16{});
}

// The levels of IQ4_NL and IQ4_XS: constants of the format.
constexpr float IQ4_LEVELS[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static inline F32x16 nearest_level(F32x16 v) {
  F32x16 level = splat(IQ4_LEVELS[0]);
  for (int k = 0; k < 15; k++)
    level = choose(v >= splat((IQ4_LEVELS[k] + IQ4_LEVELS[k + 1]) / 2), splat(IQ4_LEVELS[k + 1]), level);
  return level;
}

static inline F32x16 nearest_level_code(F32x16 v) {
  I32x16 code = {};
  for (int k = 0; k < 15; k++) code -= v >= splat((IQ4_LEVELS[k] + IQ4_LEVELS[k + 1]) / 2);
  return __builtin_convertvector(code, F32x16);
}

template <int N>
static inline F32x16 search_levels(const F32x16 (&x)[N]) {
  const F32x16 largest = largest_magnitudes(x);
  const I32x16 is_zero = absolute(largest) < splat(LEAST_MAGNITUDE);
  F32x16 scale = {}, best = {};
  for (int k = 0; k < 16; k++) {
    const F32x16 inverse = k == 0 ? 1.0f / (-largest / IQ4_LEVELS[0]) : ((float)(k - 8) + IQ4_LEVELS[0]) / largest;
    F32x16 sum_xl = {}, sum_l2 = {};
    for (int i = 0; i < N; i++) {
      const F32x16 level = nearest_level(inverse * x[i]);
      const F32x16 wl = x[i] * x[i] * level;
      sum_xl = sum_xl + wl * x[i];
      sum_l2 = sum_l2 + wl * level;
    }
    const I32x16 is_positive = sum_l2 > F32x16{};
    const I32x16 wins = k == 0 ? I32x16{} - 1 : is_positive & (I32x16)(sum_xl * sum_xl > best * sum_l2);
    scale = choose(wins, choose(is_positive, sum_xl / sum_l2, F32x16{}), scale);
    best = choose(wins, scale * sum_xl, best);
  }
  return choose(is_zero, F32x16{}, scale);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

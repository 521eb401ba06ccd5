// Sixteen sub-blocks on tried grids: the twin of core/src/blocks/sub-block.ts.
#pragma once

#include "super_block_fields.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Weights and what each squared error counts.
template <int N>
struct SubBlocks {
  F32x16 x[N], w[N];
};

// Codes on a grid and the sums that least squares needs.
struct Trial {
  F32x16 error, sum_l, sum_l2, sum_xl;
};

template <int N, typename LevelOf>
static inline Trial try_levels(const SubBlocks<N>& sub, F32x16 scale, F32x16 minimum, LevelOf level_of) {
  Trial trial = {};
  for (int i = 0; i < N; i++) {
    const F32x16 level = level_of(i);
    const F32x16 wl = sub.w[i] * level;
    trial.sum_l = trial.sum_l + wl;
    trial.sum_l2 = trial.sum_l2 + wl * level;
    trial.sum_xl = trial.sum_xl + wl * sub.x[i];
    const F32x16 difference = scale * level - minimum - sub.x[i];
    trial.error = trial.error + sub.w[i] * (difference * difference);
  }
  return trial;
}

// 1 / scale; 0 for 0 and where it overflows.
static inline F32x16 inverse_steps(F32x16 scale) {
  const F32x16 inverse = 1.0f / scale;
  return choose(absolute(inverse) == splat(__builtin_inff()), F32x16{}, inverse);
}

// Half to even within [low, high]; `low` for NaN.
static inline F32x16 round_within(F32x16 v, float low, float high) {
  return round_half_even(minimum(maximum(splat(low), v), splat(high)));
}

template <int N>
static inline void weight_sums(const SubBlocks<N>& sub, F32x16* sum_w, F32x16* sum_x) {
  *sum_w = *sum_x = F32x16{};
  for (int i = 0; i < N; i++) {
    *sum_w = *sum_w + sub.w[i];
    *sum_x = *sum_x + sub.w[i] * sub.x[i];
  }
}

// Sums over the sub-blocks of every super-block, in their order.
template <int N>
static inline void total_errors(F32x16 errors, float* totals) {
  float error[LANES];
  store(error, errors);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    totals[b] = 0;
    for (int s = b * SUB_BLOCKS<N>; s < (b + 1) * SUB_BLOCKS<N>; s++) totals[b] = totals[b] + error[s];
  }
}

// −1 in the lanes of super-blocks whose flag is set.
template <int N>
static inline I32x16 lanes_of(const bool* flags) {
  I32x16 mask;
  for (int s = 0; s < LANES; s++) mask[s] = flags[s / SUB_BLOCKS<N>] ? -1 : 0;
  return mask;
}

// d of every super-block, one a lane.
template <int N>
static inline F32x16 f16_by_super_block(const uint16_t* bits) {
  float d[SUPER_BLOCKS<N>];
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) d[b] = decode_f16_value(bits[b]);
  return by_super_block<N>(d);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

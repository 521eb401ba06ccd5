// The search for types with minimums: the twin of core/src/blocks/ranged-fit.ts, which explains it.
#pragma once

#include "fit_candidate.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct RangedSearch {
  float largest_code;
  Tried parts, offsets, tops, minimum_tops;
  float largest_step;
};

template <int N>
static inline F32x16 nearest_code(const SubBlocks<N>& sub, int i, F32x16 minimum, F32x16 inverse, float largest) {
  return round_within((sub.x[i] + minimum) * inverse, 0.0f, largest);
}

template <int N>
static inline Trial try_range(const RangedSearch& search, const SubBlocks<N>& sub, F32x16 scale, F32x16 minimum) {
  const F32x16 inverse = inverse_steps(scale);
  return try_levels(sub, scale, minimum,
                    [&](int i) { return nearest_code(sub, i, minimum, inverse, search.largest_code); });
}

template <int N>
static inline void search_ranges(const RangedSearch& search, const SubBlocks<N>& sub, F32x16* best_scale,
                          F32x16* best_minimum) {
  F32x16 low = {}, high = {}, sum_w, sum_x;
  for (int i = 0; i < N; i++) {
    low = minimum(low, sub.x[i]);
    high = maximum(high, sub.x[i]);
  }
  weight_sums(sub, &sum_w, &sum_x);
  *best_scale = F32x16{};
  *best_minimum = F32x16{} - low;
  F32x16 least = try_range(search, sub, *best_scale, *best_minimum).error;
  for (int p = 0; p < search.parts.count; p++) {
    for (int o = 0; o < search.offsets.count; o++) {
      F32x16 scale = (high - low) / (search.largest_code + search.parts[p]);
      F32x16 subtracted = maximum(F32x16{}, -low - search.offsets[o] * scale);
      for (int r = 0; r <= REFINEMENTS; r++) {
        const Trial trial = try_range(search, sub, scale, subtracted);
        const I32x16 wins = trial.error < least;
        least = choose(wins, trial.error, least);
        *best_scale = choose(wins, scale, *best_scale);
        *best_minimum = choose(wins, subtracted, *best_minimum);
        const F32x16 determinant = sum_w * trial.sum_l2 - trial.sum_l * trial.sum_l;
        scale = (sum_w * trial.sum_xl - sum_x * trial.sum_l) / determinant;
        subtracted = (trial.sum_l * trial.sum_xl - trial.sum_l2 * sum_x) / determinant;
        const I32x16 above = subtracted > F32x16{};
        scale = choose(above, scale, trial.sum_xl / trial.sum_l2);
        subtracted = choose(above, subtracted, F32x16{});
      }
    }
  }
}

constexpr int NEIGHBOURS[9][2] = {{0, 0}, {0, -1}, {0, 1}, {-1, 0}, {1, 0}, {-1, -1}, {1, 1}, {-1, 1}, {1, -1}};

template <int N>
static inline void try_neighbours(const RangedSearch& search, const SubBlocks<N>& sub, Candidate<N>& candidate, int count) {
  const F32x16 d = f16_by_super_block<N>(candidate.scale), dmin = f16_by_super_block<N>(candidate.minimum);
  const F32x16 high = splat(search.largest_step);
  const F32x16 steps = candidate.steps, minimum_steps = candidate.minimum_steps;
  F32x16 least = {};
  for (int k = 0; k < count; k++) {
    const F32x16 step = minimum(maximum(steps + (float)NEIGHBOURS[k][0], F32x16{}), high);
    const F32x16 minimum_step = minimum(maximum(minimum_steps + (float)NEIGHBOURS[k][1], F32x16{}), high);
    const F32x16 error = try_range(search, sub, d * step, dmin * minimum_step).error;
    const I32x16 wins = k == 0 ? I32x16{} - 1 : (I32x16)(error < least);
    least = choose(wins, error, least);
    candidate.steps = choose(wins, step, candidate.steps);
    candidate.minimum_steps = choose(wins, minimum_step, candidate.minimum_steps);
  }
  total_errors<N>(least, candidate.error);
}

// d and dmin of least squares over all weights.
template <int N>
static inline void common_scales(const RangedSearch& search, const SubBlocks<N>& sub, Candidate<N>& candidate) {
  const F32x16 d = f16_by_super_block<N>(candidate.scale), dmin = f16_by_super_block<N>(candidate.minimum);
  const Trial trial = try_range(search, sub, d * candidate.steps, dmin * candidate.minimum_steps);
  F32x16 sum_w, sum_x;
  weight_sums(sub, &sum_w, &sum_x);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    double aa = 0, ab = 0, bb = 0, xa = 0, xb = 0;
    for (int k = b * SUB_BLOCKS<N>; k < (b + 1) * SUB_BLOCKS<N>; k++) {
      const double s = candidate.steps[k], m = candidate.minimum_steps[k];
      aa += s * s * trial.sum_l2[k];
      ab += s * m * trial.sum_l[k];
      bb += m * m * sum_w[k];
      xa += s * trial.sum_xl[k];
      xb += m * sum_x[k];
    }
    const double determinant = aa * bb - ab * ab;
    const double scale = determinant > 0 ? (xa * bb - ab * xb) / determinant : xa / aa;
    const double subtracted = (ab * xa - aa * xb) / determinant;
    if (scale > 0) candidate.scale[b] = encode_f16_value((float)scale);
    if (determinant > 0 && subtracted > 0) candidate.minimum[b] = encode_f16_value((float)subtracted);
  }
}

template <int N>
static inline void largest_of(F32x16 numbers, float* top) {
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    top[b] = 0;
    for (int s = b * SUB_BLOCKS<N>; s < (b + 1) * SUB_BLOCKS<N>; s++)
      if (numbers[s] > top[b]) top[b] = numbers[s];
  }
}

template <int N>
static inline Candidate<N> fit_ranged(const RangedSearch& search, const SubBlocks<N>& sub) {
  F32x16 scale, subtracted;
  search_ranges(search, sub, &scale, &subtracted);
  float top_scale[SUPER_BLOCKS<N>], top_minimum[SUPER_BLOCKS<N>];
  largest_of<N>(scale, top_scale);
  largest_of<N>(subtracted, top_minimum);
  Candidate<N> best;
  bool flags[SUPER_BLOCKS<N>];
  for (int t = 0; t < search.tops.count; t++) {
    for (int m = 0; m < search.minimum_tops.count; m++) {
      Candidate<N> next;
      for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
        next.scale[b] = encode_f16_value(top_scale[b] / search.tops[t]);
        next.minimum[b] = encode_f16_value(top_minimum[b] / search.minimum_tops[m]);
      }
      const F32x16 step_of = inverse_steps(f16_by_super_block<N>(next.scale));
      const F32x16 minimum_step_of = inverse_steps(f16_by_super_block<N>(next.minimum));
      next.steps = round_within(scale * step_of, 0.0f, search.largest_step);
      next.minimum_steps = round_within(subtracted * minimum_step_of, 0.0f, search.largest_step);
      try_neighbours(search, sub, next, 1);
      if (t == 0 && m == 0)
        best = next;
      else if (is_better(next, best, flags))
        take(best, next, flags);
    }
  }
  try_neighbours(search, sub, best, 9);
  for (int round = 0; round < ROUNDS; round++) {
    Candidate<N> next = best;
    common_scales(search, sub, next);
    try_neighbours(search, sub, next, 9);
    if (!is_better(next, best, flags)) break;
    take(best, next, flags);
  }
  return best;
}

template <int N>
static inline void ranged_codes(const RangedSearch& search, const SubBlocks<N>& sub, const Candidate<N>& best,
                         F32x16 (&codes)[N]) {
  const F32x16 subtracted = f16_by_super_block<N>(best.minimum) * best.minimum_steps;
  const F32x16 inverse = inverse_steps(f16_by_super_block<N>(best.scale) * best.steps);
  for (int i = 0; i < N; i++) codes[i] = nearest_code(sub, i, subtracted, inverse, search.largest_code);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

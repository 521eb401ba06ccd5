// The search for types without minimums: the twin of core/src/blocks/signed-fit.ts, which explains it.
#pragma once

#include "fit_candidate.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct SignedSearch {
  float first_level, last_level;  // of whole numbers; 0 and 0 for the levels of IQ4
  Tried negative_targets, positive_targets;
  Tried negative_tops, positive_tops;
  float lowest_step, highest_step;

  float top(int i) const {
    return i < negative_tops.count ? negative_tops[i] : positive_tops[i - negative_tops.count];
  }

  int target_count() const { return negative_targets.count + positive_targets.count; }
  float target(int i) const {
    return i < negative_targets.count ? negative_targets[i] : positive_targets[i - negative_targets.count];
  }
};

static inline F32x16 nearest_of(const SignedSearch& search, F32x16 place) {
  return search.last_level > 0 ? round_within(place, search.first_level, search.last_level) : nearest_level(place);
}

template <int N>
static inline Trial try_signed(const SignedSearch& search, const SubBlocks<N>& sub, F32x16 scale) {
  const F32x16 inverse = inverse_steps(scale);
  return try_levels(sub, scale, F32x16{}, [&](int i) { return nearest_of(search, sub.x[i] * inverse); });
}

template <int N>
static inline F32x16 search_scales(const SignedSearch& search, const SubBlocks<N>& sub) {
  const F32x16 largest = largest_magnitudes(sub.x);
  F32x16 best = {}, least = try_signed(search, sub, best).error;
  for (int t = 0; t < search.target_count(); t++) {
    F32x16 scale = largest / search.target(t);
    for (int r = 0; r <= REFINEMENTS; r++) {
      const Trial trial = try_signed(search, sub, scale);
      const I32x16 wins = trial.error < least;
      least = choose(wins, trial.error, least);
      best = choose(wins, scale, best);
      scale = trial.sum_xl / trial.sum_l2;
    }
  }
  return best;
}

template <int N>
static inline void try_neighbours(const SignedSearch& search, const SubBlocks<N>& sub, Candidate<N>& candidate, int count) {
  const F32x16 d = f16_by_super_block<N>(candidate.scale), steps = candidate.steps;
  const F32x16 low = splat(search.lowest_step), high = splat(search.highest_step);
  F32x16 least = {};
  for (int k = 0; k < count; k++) {
    const F32x16 step = minimum(maximum(steps + (k == 0 ? 0.0f : k == 1 ? -1.0f : 1.0f), low), high);
    const F32x16 error = try_signed(search, sub, d * step).error;
    const I32x16 wins = k == 0 ? I32x16{} - 1 : (I32x16)(error < least);
    least = choose(wins, error, least);
    candidate.steps = choose(wins, step, candidate.steps);
  }
  total_errors<N>(least, candidate.error);
}

template <int N>
static inline void common_scales(const SignedSearch& search, const SubBlocks<N>& sub, Candidate<N>& candidate) {
  const Trial trial = try_signed(search, sub, f16_by_super_block<N>(candidate.scale) * candidate.steps);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    double xl = 0, l2 = 0;
    for (int k = b * SUB_BLOCKS<N>; k < (b + 1) * SUB_BLOCKS<N>; k++) {
      const double s = candidate.steps[k];
      xl += s * trial.sum_xl[k];
      l2 += s * s * trial.sum_l2[k];
    }
    const double d = xl / l2;
    if (__builtin_fabs(d) > 0) candidate.scale[b] = encode_f16_value((float)d);
  }
}

template <int N>
static inline Candidate<N> fit_signed(const SignedSearch& search, const SubBlocks<N>& sub) {
  const F32x16 scale = search_scales(search, sub);
  float top[SUPER_BLOCKS<N>];
  top_scales<N>(scale, top);
  Candidate<N> best;
  bool flags[SUPER_BLOCKS<N>];
  for (int t = 0; t < search.negative_tops.count + search.positive_tops.count; t++) {
    Candidate<N> next;
    next.minimum_steps = F32x16{};
    for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
      next.scale[b] = encode_f16_value(top[b] / search.top(t));
      next.minimum[b] = 0;
    }
    const F32x16 step_of = inverse_steps(f16_by_super_block<N>(next.scale));
    next.steps = round_within(scale * step_of, search.lowest_step, search.highest_step);
    try_neighbours(search, sub, next, 1);
    if (t == 0)
      best = next;
    else if (is_better(next, best, flags))
      take(best, next, flags);
  }
  try_neighbours(search, sub, best, 3);
  for (int round = 0; round < ROUNDS; round++) {
    Candidate<N> next = best;
    common_scales(search, sub, next);
    try_neighbours(search, sub, next, 3);
    if (!is_better(next, best, flags)) break;
    take(best, next, flags);
  }
  return best;
}

template <int N>
static inline void signed_codes(const SignedSearch& search, const SubBlocks<N>& sub, F32x16 scale, F32x16 (&codes)[N]) {
  const F32x16 inverse = inverse_steps(scale);
  for (int i = 0; i < N; i++)
    codes[i] = search.last_level > 0 ? nearest_of(search, sub.x[i] * inverse) - search.first_level
                                     : nearest_level_code(sub.x[i] * inverse);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

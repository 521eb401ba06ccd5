// What the searches of block_fit.cpp try for sixteen sub-blocks of one or two super-blocks.
#pragma once

#include "sub_block_trials.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Numbers that are tried, one after another.
struct Tried {
  float first, step;
  int count;
  float operator[](int i) const { return first + step * (float)i; }
};

constexpr int REFINEMENTS = 2, ROUNDS = 4;

// Scales and steps of a batch whose codes are the nearest.
template <int N>
struct Candidate {
  uint16_t scale[SUPER_BLOCKS<N>], minimum[SUPER_BLOCKS<N>];
  F32x16 steps, minimum_steps;
  float error[SUPER_BLOCKS<N>];
};

// `best` takes every super-block in which `next` is flagged.
template <int N>
static inline void take(Candidate<N>& best, const Candidate<N>& next, const bool* flags) {
  const I32x16 lanes = lanes_of<N>(flags);
  best.steps = choose(lanes, next.steps, best.steps);
  best.minimum_steps = choose(lanes, next.minimum_steps, best.minimum_steps);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    if (!flags[b]) continue;
    best.scale[b] = next.scale[b];
    best.minimum[b] = next.minimum[b];
    best.error[b] = next.error[b];
  }
}

// Flags the super-blocks in which `next` has less error; whether there are any.
template <int N>
static inline bool is_better(const Candidate<N>& next, const Candidate<N>& best, bool* flags) {
  bool any = false;
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    flags[b] = next.error[b] < best.error[b];
    any = any || flags[b];
  }
  return any;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

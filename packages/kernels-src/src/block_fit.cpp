// Our search for the scales of blocks, weighted by importance, against ggml's rule: the twin of block-fits.ts in
// core/src/blocks.
#include "lowbit_kernels.h"
#include "ranged_fit.h"
#include "signed_fit.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

inline F32x16 level_of_code(F32x16 code, float first_level, bool is_uniform) {
  if (is_uniform) return code + first_level;
  F32x16 level = splat(IQ4_LEVELS[0]);
  for (int k = 1; k < 16; k++) level = choose(code >= (float)k, splat(IQ4_LEVELS[k]), level);
  return level;
}

struct Blocks {
  const float* values;
  int32_t per_row;
  const float* importance;  // null: 1
};

// `count` blocks of `size` weights from block `first` on.
template <int N>
inline void load_weighted(const Blocks& from, int32_t first, int count, int size, SubBlocks<N>& sub) {
  load_sub_blocks(from.values + (int64_t)first * size, count * size / N, sub.x);
  if (from.importance == nullptr) {
    for (int i = 0; i < N; i++) sub.w[i] = splat(1.0f);
    return;
  }
  float weights[LANES * N] = {};
  for (int b = 0; b < count; b++)
    __builtin_memcpy(weights + b * size, from.importance + (int64_t)((first + b) % from.per_row) * size,
                     (unsigned long)size * sizeof(float));
  load_sub_blocks(weights, count * size / N, sub.w);
}

// `rule` is ggml's, `fit` gives our candidate, `codes_of` its codes.
template <int N, int BYTES, typename Rule, typename Fit, typename CodesOf, typename Write>
inline void fit_super_blocks(int32_t begin, int32_t end, const Blocks& from, uint8_t* blocks, float first_level,
                             bool is_uniform, Rule rule, Fit fit, CodesOf codes_of, Write write) {
  constexpr int BATCH = SUPER_BLOCKS<N>;
  SuperBlock batch[BATCH];
  SubBlocks<N> sub;
  LaneFields<N> fields = {};
  for (int32_t b = begin; b < end; b += BATCH) {
    const int part = end - b < BATCH ? end - b : BATCH;
    load_weighted(from, b, part, SUPER_BLOCK, sub);
    rule(sub.x, fields);
    const F32x16 scale = f16_by_super_block<N>(fields.scale) * fields.steps;
    const F32x16 subtracted = f16_by_super_block<N>(fields.minimum) * fields.minimum_steps;
    Candidate<N> theirs;
    total_errors<N>(try_levels(sub, scale, subtracted,
                               [&](int i) { return level_of_code(fields.codes[i], first_level, is_uniform); })
                        .error,
                    theirs.error);
    const Candidate<N> ours = fit(sub);
    bool flags[BATCH];
    if (is_better(ours, theirs, flags)) {
      F32x16 codes[N];
      codes_of(sub, ours, codes);
      const I32x16 lanes = lanes_of<N>(flags);
      for (int i = 0; i < N; i++) fields.codes[i] = choose(lanes, codes[i], fields.codes[i]);
      fields.steps = choose(lanes, ours.steps, fields.steps);
      fields.minimum_steps = choose(lanes, ours.minimum_steps, fields.minimum_steps);
      for (int k = 0; k < BATCH; k++) {
        if (!flags[k]) continue;
        fields.scale[k] = ours.scale[k];
        fields.minimum[k] = ours.minimum[k];
      }
    }
    store_fields(fields, batch);
    for (int k = 0; k < part; k++) write(batch[k], blocks + (int64_t)(b + k) * BYTES);
  }
}

template <int N, int BYTES, typename Rule, typename Write>
inline void fit_ranged_blocks(int32_t begin, int32_t end, const Blocks& from, uint8_t* blocks,
                              const RangedSearch& search, Rule rule, Write write) {
  fit_super_blocks<N, BYTES>(
      begin, end, from, blocks, 0.0f, true, rule, [&](const SubBlocks<N>& sub) { return fit_ranged(search, sub); },
      [&](const SubBlocks<N>& sub, const Candidate<N>& best, F32x16(&codes)[N]) {
        ranged_codes(search, sub, best, codes);
      },
      write);
}

template <int N, int BYTES, typename Rule, typename Write>
inline void fit_signed_blocks(int32_t begin, int32_t end, const Blocks& from, uint8_t* blocks,
                              const SignedSearch& search, Rule rule, Write write) {
  fit_super_blocks<N, BYTES>(
      begin, end, from, blocks, search.first_level, search.last_level > 0, rule,
      [&](const SubBlocks<N>& sub) { return fit_signed(search, sub); },
      [&](const SubBlocks<N>& sub, const Candidate<N>& best, F32x16(&codes)[N]) {
        signed_codes(search, sub, f16_by_super_block<N>(best.scale) * best.steps, codes);
      },
      write);
}

// What is tried for each type: the constants of block-fits.ts.
constexpr RangedSearch Q2_K_SEARCH = {3, {-0.5f, 0.5f, 5}, {0, 0.5f, 3}, {15, -1, 4}, {15, -1, 4}, 15};
constexpr RangedSearch Q4_K_SEARCH = {15, {-1, 1, 6}, {0, 0.5f, 2}, {63, -1, 16}, {63, -1, 16}, 63};
constexpr RangedSearch Q5_K_SEARCH = {31, {-1, 1, 6}, {0, 0.5f, 2}, {63, -1, 16}, {63, -1, 16}, 63};

constexpr SignedSearch Q3_K_SEARCH = {-4, 3, {-5, 0.5f, 6}, {2.5f, 0.5f, 6}, {-32, 1, 4}, {31, -1, 4}, -32, 31};
constexpr SignedSearch Q6_K_SEARCH = {-32, 31, {-36, 1, 9}, {28, 1, 9}, {-128, 4, 8}, {127, -4, 8}, -128, 127};
constexpr SignedSearch IQ4_SEARCH = {0, 0, {-144, 8, 7}, {80, 8, 7}, {-32, 1, 16}, {31, -1, 16}, -32, 31};

}  // namespace

void q2_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
              uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_ranged_blocks<16, 84>(block_begin, block_end, from, blocks, Q2_K_SEARCH, q2_k_fields, write_q2_k);
}

void q3_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
              uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_signed_blocks<16, 110>(block_begin, block_end, from, blocks, Q3_K_SEARCH, q3_k_fields, write_q3_k);
}

void q4_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
              uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_ranged_blocks<32, 144>(block_begin, block_end, from, blocks, Q4_K_SEARCH, q4_k_fields, write_q4_k);
}

void q5_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
              uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_ranged_blocks<32, 176>(block_begin, block_end, from, blocks, Q5_K_SEARCH, q5_k_fields, write_q5_k);
}

void q6_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
              uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_signed_blocks<16, 210>(block_begin, block_end, from, blocks, Q6_K_SEARCH, q6_k_fields, write_q6_k);
}

void iq4_xs_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
                uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  fit_signed_blocks<32, 136>(block_begin, block_end, from, blocks, IQ4_SEARCH, iq4_xs_fields, write_iq4_xs);
}

void iq4_nl_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row, const float* importance,
                uint8_t* blocks) {
  const Blocks from = {values, per_row, importance};
  SubBlocks<32> sub;
  F32x16 best_codes[32];
  for (int32_t b = block_begin; b < block_end; b += LANES) {
    const int part = block_end - b < LANES ? block_end - b : LANES;
    load_weighted(from, b, part, 32, sub);
    F32x16 best = decode_f16_lanes(encode_f16_lanes(iq4_nl_codes(sub.x, best_codes)));
    F32x16 least =
        try_levels(sub, best, F32x16{}, [&](int i) { return level_of_code(best_codes[i], 0, false); }).error;
    F32x16 scale = search_scales(IQ4_SEARCH, sub);
    for (int round = 0; round < 2; round++) {
      scale = decode_f16_lanes(encode_f16_lanes(scale));
      const Trial trial = try_signed(IQ4_SEARCH, sub, scale);
      const I32x16 wins = trial.error < least;
      if (any_lane(wins)) {
        F32x16 codes[32];
        signed_codes(IQ4_SEARCH, sub, scale, codes);
        for (int i = 0; i < 32; i++) best_codes[i] = choose(wins, codes[i], best_codes[i]);
        best = choose(wins, scale, best);
        least = choose(wins, trial.error, least);
      }
      scale = trial.sum_xl / trial.sum_l2;
    }
    write_iq4_nl(best, best_codes, part, blocks + (int64_t)b * 18);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

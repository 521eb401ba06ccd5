// ggml's rules from weights to the fields of super-blocks, sixteen sub-blocks at a time: the twins of ranged-encode.ts,
// q3-k.ts, q6-k.ts and iq4-xs.ts in core/src/blocks.
#pragma once

#include "block_searches.h"
#include "super_block.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Sub-blocks of N weights: a batch of sixteen is 16·N / 256 super-blocks.
template <int N>
constexpr int SUPER_BLOCKS = LANES * N / SUPER_BLOCK;
template <int N>
constexpr int SUB_BLOCKS = SUPER_BLOCK / N;

// d and sub-scales, one of each a lane.
struct LaneScales {
  F32x16 d, steps;
};

// Numbers >= 0 as multiples of the largest of their super-block over `largest`; the f16 goes to `bits`.
template <int N>
static inline LaneScales round_to_largest(F32x16 numbers, float largest, uint16_t* bits) {
  float number[LANES], d[LANES], inverse[LANES];
  store(number, numbers);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    float top = 0;
    for (int s = b * SUB_BLOCKS<N>; s < (b + 1) * SUB_BLOCKS<N>; s++) top = number[s] > top ? number[s] : top;
    bits[b] = encode_f16_value(top / largest);
    for (int s = b * SUB_BLOCKS<N>; s < (b + 1) * SUB_BLOCKS<N>; s++) {
      inverse[s] = top > 0 ? largest / top : 0.0f;
      d[s] = decode_f16_value(bits[b]);
    }
  }
  // Through a byte, as ggml stores it.
  const F32x16 steps = __builtin_convertvector(nearest_integer(load(inverse) * numbers) & 0xff, F32x16);
  return {load(d), minimum(steps, splat(largest))};
}

// What a rule chose for a batch of sub-blocks of N weights.
template <int N>
struct LaneFields {
  F32x16 codes[N], steps, minimum_steps;
  uint16_t scale[SUPER_BLOCKS<N>], minimum[SUPER_BLOCKS<N>];  // f16 of every super-block
};

template <int N>
static inline void store_fields(const LaneFields<N>& fields, SuperBlock* target) {
  uint8_t bytes[LANES * N];
  store_sub_block_codes(fields.codes, bytes);
  for (int s = 0; s < LANES; s++) {
    SuperBlock& block = target[s / SUB_BLOCKS<N>];
    block.sub_scales[s % SUB_BLOCKS<N>] = (int8_t)fields.steps[s];
    block.sub_minimums[s % SUB_BLOCKS<N>] = (uint8_t)fields.minimum_steps[s];
  }
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    target[b].scale = fields.scale[b];
    target[b].minimum = fields.minimum[b];
    __builtin_memcpy(target[b].codes, bytes + b * SUPER_BLOCK, SUPER_BLOCK);
  }
}

enum DifferenceWeights { BY_MAGNITUDE, BY_MAGNITUDE_AND_MEAN };

template <int ERROR, int WEIGHTS, int N>
static inline void ranged_fields(const F32x16 (&x)[N], float largest_code, float first_part, int parts,
                                 float largest_step, LaneFields<N>& to) {
  F32x16 w[N], scale, subtracted;
  F32x16 mean = {};
  if (WEIGHTS == BY_MAGNITUDE_AND_MEAN) {
    for (int i = 0; i < N; i++) mean = mean + x[i] * x[i];
    mean = square_roots(mean / (float)N);
  }
  for (int i = 0; i < N; i++) w[i] = mean + absolute(x[i]);
  search_range<ERROR>(x, w, largest_code, first_part, parts, to.codes, &scale, &subtracted);
  const LaneScales scales = round_to_largest<N>(scale, largest_step, to.scale);
  const LaneScales minimums = round_to_largest<N>(subtracted, largest_step, to.minimum);
  to.steps = scales.steps;
  to.minimum_steps = minimums.steps;
  const F32x16 step = scales.d * scales.steps, minimum = minimums.d * minimums.steps;
  const I32x16 is_zero = step == F32x16{};
  for (int i = 0; i < N; i++)
    to.codes[i] = choose(is_zero, to.codes[i], clamped_integer((x[i] + minimum) / step, 0.0f, largest_code));
}

static inline void q2_k_fields(const F32x16 (&x)[16], LaneFields<16>& to) {
  ranged_fields<RANGE_ABSOLUTE, BY_MAGNITUDE>(x, 3.0f, -0.5f, 15, 15.0f, to);
}

static inline void q4_k_fields(const F32x16 (&x)[32], LaneFields<32>& to) {
  ranged_fields<RANGE_SQUARED, BY_MAGNITUDE_AND_MEAN>(x, 15.0f, -1.0f, 20, 63.0f, to);
}

static inline void q5_k_fields(const F32x16 (&x)[32], LaneFields<32>& to) {
  ranged_fields<RANGE_SQUARED, BY_MAGNITUDE_AND_MEAN>(x, 31.0f, -0.5f, 15, 63.0f, to);
}

// The scale of largest magnitude of every super-block, the first of equals.
template <int N>
static inline void top_scales(F32x16 scales, float* top) {
  float scale[LANES];
  store(scale, scales);
  for (int b = 0; b < SUPER_BLOCKS<N>; b++) {
    top[b] = 0;
    for (int s = b * SUB_BLOCKS<N>; s < (b + 1) * SUB_BLOCKS<N>; s++)
      if (__builtin_fabsf(scale[s]) > __builtin_fabsf(top[b])) top[b] = scale[s];
  }
}

// Lane s gets the number of its super-block.
template <int N>
static inline F32x16 by_super_block(const float* numbers) {
  float lanes[LANES];
  for (int s = 0; s < LANES; s++) lanes[s] = numbers[s / SUB_BLOCKS<N>];
  return load(lanes);
}

static inline void q3_k_fields(const F32x16 (&x)[16], LaneFields<16>& to) {
  const F32x16 scale = search_greedy(x, 4.0f, to.codes);
  float top;
  top_scales<16>(scale, &top);
  const float inverse = top != 0 ? -32.0f / top : 0.0f;
  to.scale[0] = encode_f16_value(top != 0 ? 1.0f / inverse : 0.0f);
  // Through an int8 before the clamp, as ggml stores it.
  const I32x16 wrapped = nearest_integer(inverse * scale) << 24 >> 24;
  to.steps = minimum(maximum(__builtin_convertvector(wrapped, F32x16), splat(-32.0f)), splat(31.0f));
  if (top == 0) to.steps = splat(-32.0f);
  const F32x16 step = decode_f16_value(to.scale[0]) * to.steps;
  const I32x16 is_zero = step == F32x16{};
  for (int i = 0; i < 16; i++)
    to.codes[i] = choose(is_zero, to.codes[i], clamped_integer(x[i] / step, -4.0f, 3.0f) + 4.0f);
}

static inline void q6_k_fields(const F32x16 (&x)[16], LaneFields<16>& to) {
  const F32x16 scale = search_signed(x, 32.0f, to.codes);
  float top;
  top_scales<16>(scale, &top);
  if (__builtin_fabsf(top) < LEAST_MAGNITUDE) {
    to = LaneFields<16>{};
    return;
  }
  const float inverse = -128.0f / top;
  to.scale[0] = encode_f16_value(1.0f / inverse);
  I32x16 whole = nearest_integer(inverse * scale);
  whole = whole > 127 ? I32x16{} + 127 : whole;
  to.steps = __builtin_convertvector(whole << 24 >> 24, F32x16);
  const F32x16 step = decode_f16_value(to.scale[0]) * to.steps;
  const I32x16 is_zero = step == F32x16{};
  for (int i = 0; i < 16; i++)
    to.codes[i] = choose(is_zero, to.codes[i], clamped_integer(x[i] / step, -32.0f, 31.0f) + 32.0f);
}

// 1 / v, 0 for 0.
static inline F32x16 inverse_or_zero(F32x16 v) { return choose(v != F32x16{}, 1.0f / v, F32x16{}); }

static inline void iq4_xs_fields(const F32x16 (&x)[32], LaneFields<32>& to) {
  const F32x16 scale = search_levels(x);
  float d[2];
  top_scales<32>(scale, d);
  for (int b = 0; b < 2; b++) {
    d[b] = -d[b] / 32.0f;
    to.scale[b] = encode_f16_value(d[b]);
  }
  const F32x16 lane_d = by_super_block<32>(d);
  to.steps = clamped_integer(inverse_or_zero(lane_d) * scale, -32.0f, 31.0f);
  const F32x16 part = inverse_or_zero(lane_d * to.steps);
  for (int i = 0; i < 32; i++) to.codes[i] = nearest_level_code(part * x[i]);
}

// IQ4_NL has one scale a sub-block; the codes follow it before it is rounded to f16.
static inline F32x16 iq4_nl_codes(const F32x16 (&x)[32], F32x16 (&codes)[32]) {
  const F32x16 scale = search_levels(x);
  const F32x16 inverse = inverse_or_zero(scale);
  for (int i = 0; i < 32; i++) codes[i] = nearest_level_code(inverse * x[i]);
  return scale;
}

// `count` blocks of IQ4_NL, one a lane.
static inline void write_iq4_nl(F32x16 scale, const F32x16 (&codes)[32], int count, uint8_t* to) {
  uint8_t bytes[LANES * 32];
  store_sub_block_codes(codes, bytes);
  const U16x16 halves = encode_f16_lanes(scale);
  for (int k = 0; k < count; k++, to += 18) {
    write_f16(to, halves[k]);
    for (int l = 0; l < 16; l++) to[2 + l] = (uint8_t)(bytes[32 * k + l] | bytes[32 * k + 16 + l] << 4);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

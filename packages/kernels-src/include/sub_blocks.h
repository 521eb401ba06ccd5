// Sixteen sub-blocks of weights side by side, one a lane: a lane adds in the order of its weights, as ggml does
// (core/src/blocks).
#pragma once

#include "half.h"
#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

// x[i] holds weight i of every sub-block; lanes from `count` on are 0.
template <int N>
static inline void load_sub_blocks(const float* from, int count, F32x16 (&x)[N]) {
  float lanes[N][LANES] = {};
  for (int s = 0; s < count; s++)
    for (int i = 0; i < N; i++) lanes[i][s] = from[s * N + i];
  for (int i = 0; i < N; i++) x[i] = load(lanes[i]);
}

// Whole numbers 0 … 255 of sixteen sub-blocks as bytes, those of a sub-block one after another.
template <int N>
static inline void store_sub_block_codes(const F32x16 (&codes)[N], uint8_t* to) {
  typedef uint8_t Bytes __attribute__((vector_size(16)));
  uint8_t lanes[N][LANES];
  for (int i = 0; i < N; i++) {
    const Bytes bytes = __builtin_convertvector(__builtin_convertvector(codes[i], I32x16), Bytes);
    __builtin_memcpy(lanes[i], &bytes, sizeof bytes);
  }
  for (int s = 0; s < LANES; s++)
    for (int i = 0; i < N; i++) to[s * N + i] = lanes[i][s];
}

static inline F32x16 choose(I32x16 mask, F32x16 yes, F32x16 no) {
  return (F32x16)select_bits(mask, (U32x16)yes, (U32x16)no);
}

static inline F32x16 square_roots(F32x16 v) {
  float lanes[LANES];
  store(lanes, v);
  for (int i = 0; i < LANES; i++) lanes[i] = __builtin_sqrtf(lanes[i]);
  return load(lanes);
}

static inline bool any_lane(I32x16 mask) {
  int32_t any = 0;
  for (int i = 0; i < LANES; i++) any |= mask[i];
  return any != 0;
}

// Half to even as ggml rounds (nearest-integer.ts), then into [low, high].
static inline F32x16 clamped_integer(F32x16 v, float low, float high) {
  const F32x16 magic = splat(12582912.0f);
  // The low 23 bits of the sum, whatever its exponent.
  const F32x16 sum = (F32x16)(((U32x16)(v + magic) & 0x7fffffu) | 0x4b000000u);
  return minimum(maximum(sum, magic + low), magic + high) - magic;
}

static inline I32x16 nearest_integer(F32x16 v) {
  return (I32x16)((U32x16)(v + splat(12582912.0f)) & 0x7fffffu) - 0x400000;
}
static inline int32_t nearest_integer(float v) {
  return (int32_t)(bits_of_float(v + 12582912.0f) & 0x7fffffu) - 0x400000;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

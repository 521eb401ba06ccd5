// Blocks of GGUF (core/src/blocks) are encoded sixteen at a time: first each block's largest weight, then the scales of
// all sixteen in one vector, then the codes of one block after another while its weights are in cache.
#pragma once

#include "half.h"
#include "lanes.h"
#include "sign_bits.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int BATCH = LANES;

typedef int8_t I8x16 __attribute__((vector_size(16)));
typedef uint8_t BytesX16 __attribute__((vector_size(16)));

// Calls `encode(weights, blocks, count)` for up to sixteen blocks of [begin, end); inlined twice, so that whole batches are
// straight code.
template <int WEIGHTS, int BYTES, typename Encode>
static inline void for_batches(int32_t begin, int32_t end, const float* values, uint8_t* blocks, Encode encode) {
  const float* x = values + (int64_t)begin * WEIGHTS;
  uint8_t* to = blocks + (int64_t)begin * BYTES;
  int32_t left = end - begin;
  for (; left >= BATCH; left -= BATCH, x += BATCH * WEIGHTS, to += BATCH * BYTES) encode(x, to, BATCH);
  if (left > 0) encode(x, to, left);
}

// Lane b: the largest lane of p[b].
static inline F32x16 largest_of_each(const F32x16 (&p)[BATCH]) {
  F32x16 q[8], r[4], s[2];
  for (int i = 0; i < 8; i++)
    q[i] = maximum(__builtin_shufflevector(p[i], p[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
                   __builtin_shufflevector(p[i], p[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  for (int i = 0; i < 4; i++)
    r[i] = maximum(__builtin_shufflevector(q[i], q[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
                   __builtin_shufflevector(q[i], q[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31));
  for (int i = 0; i < 2; i++)
    s[i] = maximum(__builtin_shufflevector(r[i], r[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
                   __builtin_shufflevector(r[i], r[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31));
  return maximum(__builtin_shufflevector(s[0], s[1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
                 __builtin_shufflevector(s[0], s[1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31));
}

template <int WIDTH>
static inline void transpose_step(F32x16 (&v)[LANES]) {
  for (int i = 0; i < LANES; i++) {
    if (i & WIDTH) continue;
    const F32x16 a = v[i], b = v[i + WIDTH];
    if (WIDTH == 8) {
      v[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
      v[i + 8] = __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    } else if (WIDTH == 4) {
      v[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
      v[i + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
    } else if (WIDTH == 2) {
      v[i] = __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
      v[i + 2] = __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    } else {
      v[i] = __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
      v[i + 1] = __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
    }
  }
}

static inline void transpose(F32x16 (&v)[LANES]) {
  transpose_step<8>(v);
  transpose_step<4>(v);
  transpose_step<2>(v);
  transpose_step<1>(v);
}

// The largest magnitude of each block; lanes from `count` on are 0.
template <int WEIGHTS>
static inline F32x16 largest_magnitudes(const float* values, int count) {
  F32x16 p[BATCH];
  for (int b = 0; b < BATCH; b++) {
    p[b] = F32x16{};
    if (b >= count) continue;
    const float* x = values + b * WEIGHTS;
    F32x16 largest = absolute(load(x));
    for (int i = LANES; i < WEIGHTS; i += LANES) largest = maximum(largest, absolute(load(x + i)));
    p[b] = largest;
  }
  return largest_of_each(p);
}

// The smallest and the largest weight of each block; lanes from `count` on are 0.
template <int WEIGHTS>
static inline void ranges(const float* values, int count, F32x16* least, F32x16* most) {
  F32x16 low[BATCH], high[BATCH];
  for (int b = 0; b < BATCH; b++) {
    low[b] = high[b] = F32x16{};
    if (b >= count) continue;
    const float* x = values + b * WEIGHTS;
    F32x16 smallest = load(x), largest = smallest;
    for (int i = LANES; i < WEIGHTS; i += LANES) {
      smallest = minimum(smallest, load(x + i));
      largest = maximum(largest, load(x + i));
    }
    low[b] = -smallest;
    high[b] = largest;
  }
  *least = -largest_of_each(low);
  *most = largest_of_each(high);
}

// Up to this magnitude 1/d is infinite.
constexpr float NO_INVERSE = 0x1p-128f;

// 1/d, but 0 where that is infinite.
static inline F32x16 finite_inverse(F32x16 d) {
  const I32x16 tiny = (I32x16)(absolute(d) <= splat(NO_INVERSE));
  return (F32x16)(~tiny & (I32x16)(splat(1.0f) / d));
}

// roundf: ties away from zero, for |v| below 2^22. The largest float below one half, so that 0.49999997 stays at 0.
static inline I32x16 round_away(F32x16 v) {
  const I32x16 almost_half = I32x16{} + 0x3effffff;
  const F32x16 signed_half = (F32x16)(((I32x16)v & (I32x16{} + (int32_t)0x80000000)) | almost_half);
  return __builtin_convertvector(v + signed_half, I32x16);
}

static inline void store_bytes(uint8_t* to, I32x16 v) {
  const BytesX16 bytes = __builtin_convertvector(v, BytesX16);
  __builtin_memcpy(to, &bytes, sizeof bytes);
}

// The f16 of sixteen scales, for one block after another.
struct HalfLanes {
  uint16_t bits[BATCH];
  explicit HalfLanes(F32x16 values) { store_u16(bits, encode_f16_lanes(values)); }
  inline void put(uint8_t* to, int block) const { __builtin_memcpy(to, bits + block, 2); }
};

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Walsh–Hadamard transform in place: distances 1, 2, 4, 8 inside a sixteen-lane vector, the others between vectors.
#include "lowbit_kernels.h"
#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// (a, b) → (a + b, a − b) for lanes that lie DISTANCE apart.
template <int D>
inline F32x16 butterfly(F32x16 v) {
  // Written out: a loop over lanes is not unrolled for WebAssembly and costs 30 times the butterfly itself.
#define SIGN(i) ((i) & D ? -0x7fffffff - 1 : 0)
  const I32x16 negated = {SIGN(0), SIGN(1), SIGN(2),  SIGN(3),  SIGN(4),  SIGN(5),  SIGN(6),  SIGN(7),
                          SIGN(8), SIGN(9), SIGN(10), SIGN(11), SIGN(12), SIGN(13), SIGN(14), SIGN(15)};
#undef SIGN
#if defined(__clang__)
  const F32x16 partner = __builtin_shufflevector(v, v, 0 ^ D, 1 ^ D, 2 ^ D, 3 ^ D, 4 ^ D, 5 ^ D, 6 ^ D, 7 ^ D, 8 ^ D,
                                                 9 ^ D, 10 ^ D, 11 ^ D, 12 ^ D, 13 ^ D, 14 ^ D, 15 ^ D);
#else
  const I32x16 order = {0 ^ D, 1 ^ D, 2 ^ D,  3 ^ D,  4 ^ D,  5 ^ D,  6 ^ D,  7 ^ D,
                        8 ^ D, 9 ^ D, 10 ^ D, 11 ^ D, 12 ^ D, 13 ^ D, 14 ^ D, 15 ^ D};
  const F32x16 partner = __builtin_shuffle(v, order);
#endif
  return partner + (F32x16)((I32x16)v ^ negated);
}

inline F32x16 transform_lanes(F32x16 v, int32_t size) {
  if (size >= 2) v = butterfly<1>(v);
  if (size >= 4) v = butterfly<2>(v);
  if (size >= 8) v = butterfly<4>(v);
  if (size >= 16) v = butterfly<8>(v);
  return v;
}

// Processors take ~150 cycles to multiply a subnormal number, and WebAssembly cannot switch that off. Only a span
// whose weights are all below 2^-120 holds many: it is scaled in integer multiples of 2^-149, to the same bits.
constexpr int32_t TINY_BITS = 7 << 23;

inline F32x16 scale_tiny(F32x16 v, double scale) {
  const DoubleWide in_units = DoubleWide{} + scale * 0x1p149, round_half_even = DoubleWide{} + 0x1.8p52;
  float scaled[LANES];
  store(scaled, v);
  for (int part = 0; part < LANES; part += WIDE) {
    const IntWide bits = load_as<IntWide>(scaled + part), sign = bits >> 31;
    const DoubleWide units = widen_any(bits & ABS_MASK, IntWide{} - 1) * in_units;
    const LongWide rounded = (LongWide)(units + round_half_even) - (LongWide)round_half_even;
    // Up to 2^23 units the count is the bit pattern; above, the result is normal and the multiplication is fast.
    const IntWide pattern = __builtin_convertvector(rounded, IntWide);
    const IntWide normal = __builtin_convertvector(rounded > LEAST_NORMAL_BITS, IntWide);
    const FloatWide kept = (FloatWide)(bits & ABS_MASK & normal) * (float)scale;
    store_as(scaled + part, ((IntWide)kept & normal) | (pattern & ~normal) | (sign & ~ABS_MASK));
  }
  return load(scaled);
}

// `length` is a multiple of `size` and of LANES.
inline void transform_span(float* span, int32_t length, int32_t size, double scale) {
  I32x16 largest = {};
  for (int32_t i = 0; i < length; i += LANES) {
    const F32x16 v = load(span + i);
    const I32x16 magnitude = (I32x16)absolute(v);
    largest = magnitude > largest ? magnitude : largest;
    store(span + i, transform_lanes(v, size));
  }
  for (int32_t distance = LANES; distance < size; distance *= 2) {
    for (int32_t pair = 0; pair < length; pair += 2 * distance) {
      for (int32_t i = pair; i < pair + distance; i += LANES) {
        const F32x16 a = load(span + i), b = load(span + i + distance);
        store(span + i, a + b);
        store(span + i + distance, a - b);
      }
    }
  }
  bool is_tiny = true;
#pragma GCC unroll 16
  for (int lane = 0; lane < LANES; lane++) is_tiny &= largest[lane] < TINY_BITS;
  if (is_tiny)
    for (int32_t i = 0; i < length; i += LANES) store(span + i, scale_tiny(load(span + i), scale));
  else
    for (int32_t i = 0; i < length; i += LANES) store(span + i, load(span + i) * splat((float)scale));
}

}  // namespace

void walsh_hadamard(int32_t row_begin, int32_t row_end, float* values, int32_t columns, int32_t size, double scale) {
  float* from = values + (int64_t)row_begin * columns;
  int64_t rest = (int64_t)(row_end - row_begin) * columns;
  const int32_t span = size < CHUNK ? CHUNK : size;
  for (; rest >= span; rest -= span, from += span) transform_span(from, span, size, scale);
  const int32_t whole = (int32_t)rest & ~(LANES - 1);
  if (whole > 0) transform_span(from, whole, size, scale);
  const int32_t left = (int32_t)rest - whole;  // only where size < LANES
  if (left == 0) return;
  float padded[LANES] = {};
  for (int32_t i = 0; i < left; i++) padded[i] = from[whole + i];
  transform_span(padded, LANES, size, scale);
  for (int32_t i = 0; i < left; i++) from[whole + i] = padded[i];
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Walsh–Hadamard transform in place: distances 1, 2, 4, 8 inside a sixteen-lane vector, the others between vectors.
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// (a, b) → (a + b, a − b) for lanes that lie DISTANCE apart.
template <int DISTANCE>
inline F32x16 butterfly(F32x16 v) {
  I32x16 partner, negated;
  for (int i = 0; i < LANES; i++) {
    partner[i] = i ^ DISTANCE;
    negated[i] = i & DISTANCE ? -0x7fffffff - 1 : 0;
  }
#if defined(__clang__)
  constexpr int D = DISTANCE;
  const F32x16 swapped = __builtin_shufflevector(v, v, 0 ^ D, 1 ^ D, 2 ^ D, 3 ^ D, 4 ^ D, 5 ^ D, 6 ^ D, 7 ^ D, 8 ^ D,
                                                 9 ^ D, 10 ^ D, 11 ^ D, 12 ^ D, 13 ^ D, 14 ^ D, 15 ^ D);
#else
  const F32x16 swapped = __builtin_shuffle(v, partner);
#endif
  return swapped + (F32x16)((I32x16)v ^ negated);
}

inline F32x16 transform_lanes(F32x16 v, int32_t size) {
  if (size >= 2) v = butterfly<1>(v);
  if (size >= 4) v = butterfly<2>(v);
  if (size >= 8) v = butterfly<4>(v);
  if (size >= 16) v = butterfly<8>(v);
  return v;
}

inline void transform_span(float* span, int32_t size, F32x16 scale) {
  for (int32_t i = 0; i < size; i += LANES) {
    const F32x16 v = transform_lanes(load(span + i), LANES);
    store(span + i, size == LANES ? v * scale : v);
  }
  for (int32_t distance = LANES; distance < size; distance *= 2) {
    const bool last = distance * 2 == size;
    for (int32_t pair = 0; pair < size; pair += 2 * distance) {
      for (int32_t i = pair; i < pair + distance; i += LANES) {
        const F32x16 a = load(span + i), b = load(span + i + distance);
        const F32x16 sum = a + b, difference = a - b;
        store(span + i, last ? sum * scale : sum);
        store(span + i + distance, last ? difference * scale : difference);
      }
    }
  }
}

}  // namespace

void walsh_hadamard(int32_t row_begin, int32_t row_end, float* values, int32_t columns, int32_t size, double scale) {
  const F32x16 factor = splat((float)scale);
  float* from = values + (int64_t)row_begin * columns;
  int64_t rest = (int64_t)(row_end - row_begin) * columns;
  if (size >= LANES) {
    for (; rest > 0; rest -= size, from += size) transform_span(from, size, factor);
    return;
  }
  for (; rest >= LANES; rest -= LANES, from += LANES) store(from, transform_lanes(load(from), size) * factor);
  if (rest > 0) store_part(from, transform_lanes(load_part(from, (int)rest, 0), size) * factor, (int)rest);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

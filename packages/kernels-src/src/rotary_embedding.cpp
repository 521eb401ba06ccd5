// Rotary position embedding, in place.
#include "elements.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

void rotary_embedding(int32_t row_begin, int32_t row_end, float* values, const float* cosines, const float* sines,
                      const uint32_t* positions, int32_t columns, int32_t head_size, int32_t rotary_size,
                      int32_t inverse) {
  const int32_t half = rotary_size / 2;
  const float direction = inverse ? -1.0f : 1.0f;
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* cosine = cosines + (int64_t)positions[row] * half;
    const float* sine = sines + (int64_t)positions[row] * half;
    float* token = values + (int64_t)row * columns;
    for (int32_t head = 0; head < columns; head += head_size) {
      float *first = token + head, *second = token + head + half;
      each_lanes(0, half, [&](int64_t i, auto lanes) {
        const F32x16 a = lanes.load(first + i), b = lanes.load(second + i);
        const F32x16 c = lanes.load(cosine + i), s = lanes.load(sine + i) * direction;
        lanes.store(first + i, a * c - b * s);
        lanes.store(second + i, b * c + a * s);
      });
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

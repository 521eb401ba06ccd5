// The largest of scores, which a softmax subtracts before it takes powers.
#pragma once

#include "exponential.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Stands for the largest of no scores.
constexpr float NO_MAXIMUM = -__FLT_MAX__;

// The largest lane; none is NaN.
static inline float register_maximum(FloatRegister v) {
#if defined(__AVX512BW__)
  return _mm512_reduce_max_ps((__m512)v);
#else
  float largest = v[0];
  for (int i = 1; i < REGISTER_FLOATS; i++) largest = v[i] > largest ? v[i] : largest;
  return largest;
#endif
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

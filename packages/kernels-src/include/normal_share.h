// The standard normal distribution: Φ(x) = ½·(1 + erf(x/√2)), the share below x, and φ(x), its density.
#pragma once

#include "exponential.h"
#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct NormalShare {
  F32x16 share, density;
};

// Φ(−z) = φ(z)·M(z) for z >= 0, M being Mills' ratio: t·P(t) with t = 1/(1 + 0.3·z), P interpolated at Chebyshev nodes of
// z in 0 … 15 (error 5e-9). Small shares keep their relative precision, which ½·(1 + erf) would lose.
static inline NormalShare normal_share(F32x16 x) {
  const F32x16 z = absolute(x);
  const F32x16 density = exponential(x * x * -0.5f) * 0.39894228f;
  const F32x16 t = 1.0f / (z * 0.3f + 1.0f);
  F32x16 p = t * -0.052600764f + 0.28676358f;
  p = p * t - 0.583632f;
  p = p * t + 0.49611598f;
  p = p * t - 0.21176317f;
  p = p * t + 0.24773218f;
  p = p * t + 0.19422802f;
  p = p * t + 0.2767899f;
  p = p * t + 0.29966772f;
  p = p * t + 0.3000127f;
  const F32x16 tail = density * (p * t);
  return {x < 0.0f ? tail : 1.0f - tail, density};
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

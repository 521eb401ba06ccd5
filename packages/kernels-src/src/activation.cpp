// Non-linearities of feed-forward layers, gated or not, and their gradients.
#include "elements.h"
#include "lowbit_kernels.h"
#include "normal_share.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

struct Activated {
  F32x16 value, derivative;
};

struct Silu {
  static F32x16 value(F32x16 x) { return x * sigmoid(x).value; }
  static Activated both(F32x16 x) {
    const Sigmoid<F32x16> s = sigmoid(x);
    return {x * s.value, s.value + x * s.derivative};
  }
};

struct Gelu {
  static F32x16 value(F32x16 x) { return x * normal_share(x).share; }
  static Activated both(F32x16 x) {
    const NormalShare normal = normal_share(x);
    return {x * normal.share, normal.share + x * normal.density};
  }
};

// ½·(1 + tanh(u)) = σ(2u).
struct GeluTanh {
  static constexpr float SLOPE = 1.59576912f, CUBIC = 0.044715f;  // 2·√(2/π)
  static Sigmoid<F32x16> share(F32x16 x) { return sigmoid(x * SLOPE * (1.0f + CUBIC * x * x)); }
  static F32x16 value(F32x16 x) { return x * share(x).value; }
  static Activated both(F32x16 x) {
    const Sigmoid<F32x16> s = share(x);
    // Beyond ±20 the sigmoid is flat and the slope of its argument must not overflow.
    const F32x16 near = minimum(maximum(x, splat(-20.0f)), splat(20.0f));
    return {x * s.value, s.value + x * (s.derivative * (SLOPE * (1.0f + 3.0f * CUBIC * near * near)))};
  }
};

struct Relu {
  static F32x16 value(F32x16 x) { return x <= 0.0f ? F32x16{} : x; }
  static Activated both(F32x16 x) {
    const F32x16 positive = value(x);
    return {positive, positive > 0.0f ? splat(1.0f) : positive};
  }
};

struct Relu2 {
  static F32x16 value(F32x16 x) {
    const F32x16 positive = Relu::value(x);
    return positive * positive;
  }
  static Activated both(F32x16 x) {
    const F32x16 positive = Relu::value(x);
    return {positive * positive, 2.0f * positive};
  }
};

template <typename Body>
inline void with_function(int32_t kind, Body body) {
  switch (kind) {
    case ACTIVATION_SILU: return body(Silu{});
    case ACTIVATION_GELU: return body(Gelu{});
    case ACTIVATION_GELU_TANH: return body(GeluTanh{});
    case ACTIVATION_RELU: return body(Relu{});
    default: return body(Relu2{});
  }
}

}  // namespace

void activation(int32_t span_begin, int32_t span_end, const float* x, float* y, int32_t count, int32_t kind) {
  with_function(kind, [&](auto f) {
    each_lanes_of_spans(span_begin, span_end, count,
                        [&](int64_t i, auto lanes) { lanes.store(y + i, f.value(lanes.load(x + i))); });
  });
}

void gated_activation(int32_t span_begin, int32_t span_end, const float* gate, const float* up, float* y, int32_t count,
                      int32_t kind) {
  with_function(kind, [&](auto f) {
    each_lanes_of_spans(span_begin, span_end, count, [&](int64_t i, auto lanes) {
      lanes.store(y + i, f.value(lanes.load(gate + i)) * lanes.load(up + i));
    });
  });
}

void activation_gradient(int32_t span_begin, int32_t span_end, const float* x, const float* dy, float* dx,
                         int32_t count, int32_t kind) {
  with_function(kind, [&](auto f) {
    each_lanes_of_spans(span_begin, span_end, count, [&](int64_t i, auto lanes) {
      lanes.store(dx + i, lanes.load(dx + i) + f.both(lanes.load(x + i)).derivative * lanes.load(dy + i));
    });
  });
}

void gated_activation_gradient(int32_t span_begin, int32_t span_end, const float* gate, const float* up,
                               const float* dy, float* d_gate, float* d_up, int32_t count, int32_t kind) {
  with_function(kind, [&](auto f) {
    each_lanes_of_spans(span_begin, span_end, count, [&](int64_t i, auto lanes) {
      const Activated at = f.both(lanes.load(gate + i));
      const F32x16 gradient = lanes.load(dy + i);
      lanes.store(d_gate + i, lanes.load(d_gate + i) + at.derivative * lanes.load(up + i) * gradient);
      lanes.store(d_up + i, lanes.load(d_up + i) + at.value * gradient);
    });
  });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// RMS and layer normalisation of rows, and their gradients. Sums and centring are in f64: a row may have a mean far above
// its deviation, and activations of models have outliers.
#include "elements.h"
#include "lowbit_kernels.h"
#include "wide_sums.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

struct RowNorm {
  double center, inverse_root;
};

inline RowNorm rms_of(const float* x, int32_t columns, double epsilon) {
  const double squares = wide_sum(columns, [](auto v) { return v * v; }, x);
  return {0, 1 / __builtin_sqrt(squares / columns + epsilon)};
}

inline RowNorm deviation_of(const float* x, int32_t columns, double epsilon) {
  const double center = wide_sum(columns, [](auto v) { return v; }, x) / columns;
  const double squares = wide_sum(columns, [center](auto v) { return (v - center) * (v - center); }, x);
  return {center, 1 / __builtin_sqrt(squares / columns + epsilon)};
}

// dx += (g − level − n·shared) · inverse_root with g = weight ∘ dy, in f64: short rows nearly cancel.
inline void add_input_gradient(const float* x, const float* weight, const float* dy, float* dx, int32_t columns,
                               RowNorm norm, double level, double shared) {
  const auto gradient = [norm, level, shared](auto v, auto w, auto d) {
    return (w * d - level - (v - norm.center) * norm.inverse_root * shared) * norm.inverse_root;
  };
  int32_t i = 0;
  for (; i + WIDE <= columns; i += WIDE)
    store_as(dx + i, narrow(widen(dx + i) + gradient(widen(x + i), widen(weight + i), widen(dy + i))));
  for (; i < columns; i++) dx[i] = (float)(dx[i] + gradient((double)x[i], (double)weight[i], (double)dy[i]));
}

}  // namespace

void rms_norm(int32_t row_begin, int32_t row_end, const float* x, const float* weight, float* y, int32_t columns,
              double epsilon) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* from = x + (int64_t)row * columns;
    float* to = y + (int64_t)row * columns;
    const float inverse_root = (float)rms_of(from, columns, epsilon).inverse_root;
    each_lanes(0, columns, [&](int64_t i, auto lanes) {
      lanes.store(to + i, lanes.load(from + i) * inverse_root * lanes.load(weight + i));
    });
  }
}

void layer_norm(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* bias, float* y,
                int32_t columns, double epsilon) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* from = x + (int64_t)row * columns;
    float* to = y + (int64_t)row * columns;
    const RowNorm norm = deviation_of(from, columns, epsilon);
    int32_t i = 0;
    for (; i + WIDE <= columns; i += WIDE) {
      const FloatWide normal = narrow((widen(from + i) - norm.center) * norm.inverse_root);
      const FloatWide scaled = normal * load_as<FloatWide>(weight + i);
      store_as(to + i, bias ? scaled + load_as<FloatWide>(bias + i) : scaled);
    }
    for (; i < columns; i++) {
      const float scaled = (float)((from[i] - norm.center) * norm.inverse_root) * weight[i];
      to[i] = bias ? scaled + bias[i] : scaled;
    }
  }
}

void rms_norm_gradient(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* dy,
                       float* dx, double* centers, double* inverse_roots, int32_t columns, double epsilon) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t at = (int64_t)row * columns;
    const RowNorm norm = rms_of(x + at, columns, epsilon);
    const double shared = wide_sum(columns, [](auto v, auto w, auto d) { return v * w * d; }, x + at, weight, dy + at);
    add_input_gradient(x + at, weight, dy + at, dx + at, columns, norm, 0, shared * norm.inverse_root / columns);
    centers[row] = norm.center;
    inverse_roots[row] = norm.inverse_root;
  }
}

void layer_norm_gradient(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* dy,
                         float* dx, double* centers, double* inverse_roots, int32_t columns, double epsilon) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t at = (int64_t)row * columns;
    const RowNorm norm = deviation_of(x + at, columns, epsilon);
    const double center = norm.center;
    const double level = wide_sum(columns, [](auto w, auto d) { return w * d; }, weight, dy + at) / columns;
    const double shared =
        wide_sum(columns, [center](auto v, auto w, auto d) { return (v - center) * w * d; }, x + at, weight, dy + at);
    add_input_gradient(x + at, weight, dy + at, dx + at, columns, norm, level, shared * norm.inverse_root / columns);
    centers[row] = center;
    inverse_roots[row] = norm.inverse_root;
  }
}

void norm_weight_gradient(int32_t span_begin, int32_t span_end, const float* x, const float* dy, const double* centers,
                          const double* inverse_roots, int32_t rows, int32_t columns, float* d_weight) {
  for (int32_t span = span_begin; span < span_end; span++) {
    const int32_t begin = span * LOWBIT_COLUMN_SPAN, left = columns - begin;
    const int32_t count = left < LOWBIT_COLUMN_SPAN ? left : LOWBIT_COLUMN_SPAN;
    double sums[LOWBIT_COLUMN_SPAN] = {};
    for (int32_t row = 0; row < rows; row++) {
      const int64_t at = (int64_t)row * columns + begin;
      const double center = centers[row], inverse_root = inverse_roots[row];
      const float *from = x + at, *gradient = dy + at;
      int32_t i = 0;
      for (; i + WIDE <= count; i += WIDE)
        store_as(sums + i, load_as<DoubleWide>(sums + i) +
                               (widen(from + i) - center) * inverse_root * widen(gradient + i));
      for (; i < count; i++) sums[i] += (from[i] - center) * inverse_root * gradient[i];
    }
    for (int32_t i = 0; i < count; i++) d_weight[begin + i] = (float)(d_weight[begin + i] + sums[i]);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

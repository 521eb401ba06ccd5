// Losses of rows of logits: cross-entropy, its gradient, and the divergence of two distributions. Sums are f64, so that a
// small loss is not lost beside the 1 of the largest logit.
#include "exponential.h"
#include "lowbit_kernels.h"
#include "power.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

inline FloatWide load_floats(const float* from) { return load_as<FloatWide>(from); }

// The first `count` (< WIDE) logits; the others −∞, which adds nothing.
inline FloatWide load_logits(const float* from, int32_t count) {
  float lanes[WIDE];
  for (int i = 0; i < WIDE; i++) lanes[i] = i < count ? from[i] : -__builtin_inff();
  return load_floats(lanes);
}

template <typename Vector>
inline auto lane_total(Vector v) {
  auto sum = v[0];
  for (int i = 1; i < WIDE; i++) sum += v[i];
  return sum;
}

// NaN is never the largest.
float largest_logit(const float* x, int32_t columns) {
  FloatWide largest = FloatWide{} - __builtin_inff();
  int32_t i = 0;
  for (; i + WIDE <= columns; i += WIDE) {
    const FloatWide v = load_floats(x + i);
    largest = v > largest ? v : largest;
  }
  if (i < columns) {
    const FloatWide v = load_logits(x + i, columns - i);
    largest = v > largest ? v : largest;
  }
  float result = largest[0];
  for (int lane = 1; lane < WIDE; lane++) result = largest[lane] > result ? largest[lane] : result;
  return result;
}

// The first column with the largest logit; 0 where all are −∞ or NaN.
int32_t top_column(const float* x, int32_t columns, float largest) {
  if (largest == -__builtin_inff()) return 0;
  for (int32_t i = 0; i < columns; i++)
    if (x[i] == largest) return i;
  return 0;
}

// Σ e^(x − largest).
double power_sum(const float* x, int32_t columns, float largest) {
  DoubleWide sum = {};
  int32_t i = 0;
  for (; i + WIDE <= columns; i += WIDE)
    sum += __builtin_convertvector(normal_exponential(load_floats(x + i) - largest), DoubleWide);
  if (i < columns)
    sum += __builtin_convertvector(normal_exponential(load_logits(x + i, columns - i) - largest), DoubleWide);
  return lane_total(sum);
}

// Of a sum of powers: at least 1, or NaN.
double logarithm(double x) { return x >= 1.0 ? log2_lanes(DoubleWide{} + x)[0] * 0.6931471805599453 : x; }

// e^x for x <= 0 in f64; what is smaller than e^−690 stays there.
inline DoubleWide fine_power(DoubleWide x) {
  const DoubleWide floor = DoubleWide{} - 690.0;
  return exp2_lanes((x < floor ? floor : x) * 1.4426950408889634);
}

struct DivergenceSums {
  DoubleWide p = {}, q = {}, product = {};

  // x = logit − largest logit. e^−745 is the smallest power that is not 0: below, p adds nothing, even where q is 0.
  void add(FloatWide p_logits, FloatWide q_logits, float p_largest, float q_largest) {
    const DoubleWide x = __builtin_convertvector(p_logits, DoubleWide) - (double)p_largest;
    const DoubleWide y = __builtin_convertvector(q_logits, DoubleWide) - (double)q_largest;
    const DoubleWide power = fine_power(x), nothing = {};
    p += power;
    q += fine_power(y);
    product += x < DoubleWide{} - 745.0 ? nothing : power * (x - y);
  }
};

double row_divergence(const float* p, const float* q, int32_t columns, float p_largest, float q_largest) {
  DivergenceSums sums;
  int32_t i = 0;
  for (; i + WIDE <= columns; i += WIDE) sums.add(load_floats(p + i), load_floats(q + i), p_largest, q_largest);
  if (i < columns)
    sums.add(load_logits(p + i, columns - i), load_logits(q + i, columns - i), p_largest, q_largest);
  const double p_sum = lane_total(sums.p), q_sum = lane_total(sums.q);
  const double result = lane_total(sums.product) / p_sum + (logarithm(q_sum) - logarithm(p_sum));
  return result < 0.0 ? 0.0 : result;
}

}  // namespace

void cross_entropy(int32_t row_begin, int32_t row_end, const float* logits, int32_t columns, const uint32_t* targets,
                   double* losses) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* x = logits + (int64_t)row * columns;
    const float largest = largest_logit(x, columns);
    const double above = (double)largest - (double)x[targets[row]];
    losses[row] = above + logarithm(power_sum(x, columns, largest));
  }
}

void cross_entropy_gradient(int32_t row_begin, int32_t row_end, const float* logits, int32_t columns,
                            const uint32_t* targets, double scale, float* d_logits) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float* x = logits + (int64_t)row * columns;
    float* d = d_logits + (int64_t)row * columns;
    const float largest = largest_logit(x, columns);
    const double sum = power_sum(x, columns, largest);
    const float factor = (float)(scale / sum);
    // The target in f64: p − 1 has few bits left where p is almost 1.
    const uint32_t target = targets[row];
    const float power = normal_exponential(FloatWide{} + (x[target] - largest))[0];
    const float d_target = (float)((double)d[target] + scale * ((double)power / sum - 1.0));
    int32_t i = 0;
    for (; i + WIDE <= columns; i += WIDE)
      store_as(d + i, load_floats(d + i) + normal_exponential(load_floats(x + i) - largest) * factor);
    if (i < columns) {
      const FloatWide powers = normal_exponential(load_logits(x + i, columns - i) - largest);
      for (int lane = 0; i + lane < columns; lane++) d[i + lane] += powers[lane] * factor;
    }
    d[target] = d_target;
  }
}

void divergence(int32_t row_begin, int32_t row_end, const float* p, const float* q, int32_t columns, double* result,
                uint8_t* same_top) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const float *p_row = p + (int64_t)row * columns, *q_row = q + (int64_t)row * columns;
    const float p_largest = largest_logit(p_row, columns), q_largest = largest_logit(q_row, columns);
    result[row] = columns == 0 ? 0.0 : row_divergence(p_row, q_row, columns, p_largest, q_largest);
    same_top[row] = top_column(p_row, columns, p_largest) == top_column(q_row, columns, q_largest);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

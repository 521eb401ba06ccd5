// HQQ: scale from min-max, zero point by half-quadratic splitting, the best iterate of every group.
#include "affine_grid.h"
#include "power.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct HalfQuadratic {
  int32_t iterations;
  double norm;
  float beta[LOWBIT_MOST_ITERATIONS + 1];
  // |d| up to which sign(d)·max(|d| − |d|^(p−1)/β, 0) is certainly 0: the root β^(−1/(2−p)) less one percent.
  float silent[LOWBIT_MOST_ITERATIONS + 1];
};

static HalfQuadratic half_quadratic(int32_t iterations, double beta, double kappa, double norm) {
  HalfQuadratic options;
  options.iterations = iterations;
  options.norm = norm;
  float current = (float)beta;
  for (int32_t i = 0; i <= iterations; i++) {
    options.beta[i] = current;
    options.silent[i] = (float)(0.99 * power(F64x16{} + (double)current, -1.0 / (2.0 - norm))[0]);
    current = current * (float)kappa;
  }
  return options;
}

static inline F32x16 shrink(F32x16 difference, float beta, double norm) {
  const F32x16 magnitude = absolute(difference);
  const F32x16 power_of = __builtin_convertvector(power(__builtin_convertvector(magnitude, F64x16), norm - 1.0), F32x16);
  const F32x16 reduced = maximum(magnitude - power_of / beta, F32x16{});
  return (F32x16)((I32x16)reduced | ((I32x16)difference & (I32x16)(difference < 0.0f) & INT32_MIN));
}

// One look at a group with the current zero point.
struct Iterate {
  float error;  // Σ (w − ŵ)²
  float zero;   // mean of code − (w − E) / scale
};

static Iterate look_at_group(const float* weights, int32_t count, float levels, float scale, float inverse, float zero,
                             float beta, float silent, double norm) {
  const F32x16 inverses = splat(inverse), zeros = splat(zero), none = {}, top = splat(levels);
  F32x16 errors = {}, sums = {}, largest = {};
  for (int pass = 0; pass < 2; pass++) {
    errors = sums = F32x16{};
    for (int32_t i = 0; i < count; i += LANES) {
      const int32_t left = count - i;
      const F32x16 v = left >= LANES ? load(weights + i) : load_part(weights + i, left, 0.0f);
      const F32x16 code = round_half_even(clamp_lanes(v * inverses + zeros, none, top));
      const F32x16 difference = v - scale * (code - zeros);
      const F32x16 sparse = pass == 0 ? none : shrink(difference, beta, norm);
      F32x16 square = difference * difference;
      F32x16 estimate = code - (v - sparse) * inverses;
      if (left < LANES) {
        float lanes[LANES];
        store(lanes, square);
        square = load_part(lanes, left, 0.0f);
        store(lanes, estimate);
        estimate = load_part(lanes, left, 0.0f);
      }
      largest = maximum(largest, absolute(difference));
      errors = errors + square;
      sums = sums + estimate;
    }
    // Most groups have no error large enough for the shrinkage to leave anything of it.
    bool is_silent = true;
    for (int lane = 0; lane < LANES; lane++) is_silent &= largest[lane] <= silent;
    if (is_silent) break;
  }
  return {tree_sum(errors), tree_sum(sums) / (float)count};
}

static float fit_zero_point(const float* weights, int32_t count, const AffineShape& shape, float scale, float inverse,
                            float start, const HalfQuadratic& options) {
  const float levels = (float)((1 << shape.bits) - 1);
  float zero = start, best = start, least = __builtin_inff();
  for (int32_t i = 0; i <= options.iterations; i++) {
    const Iterate iterate =
        look_at_group(weights, count, levels, scale, inverse, zero, options.beta[i], options.silent[i], options.norm);
    if (iterate.error < least) {
      least = iterate.error;
      best = zero;
    }
    zero = round_to_scale_lanes(splat(iterate.zero), shape.scale_dtype)[0];
  }
  return best;
}

void affine_half_quadratic_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns,
                               int32_t bits, int32_t group_size, int32_t scale_dtype, uint8_t* codes, void* scale,
                               void* zero_point, int32_t iterations, double beta, double kappa, double norm) {
  const AffineShape shape = {columns, bits, group_size, ZERO_FLOAT, scale_dtype};
  const AffineGridArrays arrays = {scale, zero_point};
  const HalfQuadratic options = half_quadratic(iterations, beta, kappa, norm);
  const float* end = values + (int64_t)rows * columns;
  CodeWriter writer;
  for (int32_t r = row_begin; r < row_end; r++) {
    const float* row = values + (int64_t)r * columns;
    writer.begin_row(codes + r * shape.code_bytes(), bits);
    for (int32_t group = 0; group < shape.groups(); group += GROUP_BATCH) {
      const int32_t left = shape.groups() - group;
      const int count = left < GROUP_BATCH ? left : GROUP_BATCH;
      F32x16 low, high;
      group_ranges(shape, row, group, count, &low, &high);
      AffineGrids grids = affine_grids(shape, low, high, false);
      for (int g = 0; g < count; g++)
        grids.zero[g] = fit_zero_point(row + (int64_t)(group + g) * group_size, shape.group_columns(group + g), shape,
                                       grids.scale[g], grids.inverse[g], grids.zero[g], options);
      store_grids(shape, arrays, r, group, count, grids);
      encode_groups<ZERO_FLOAT>(writer, shape, row, end, group, count, grids);
    }
    writer.end_row();
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

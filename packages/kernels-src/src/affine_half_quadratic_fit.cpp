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
    options.silent[i] = (float)(0.99 * power(DoubleWide{} + (double)current, -1.0 / (2.0 - norm))[0]);
    current = current * (float)kappa;
  }
  return options;
}

static inline F32x16 shrink(F32x16 difference, float beta, double norm) {
  const F32x16 magnitude = absolute(difference);
  const F32x16 power_of = __builtin_convertvector(power_of_lanes(magnitude, norm - 1.0), F32x16);
  const F32x16 reduced = maximum(magnitude - power_of / beta, F32x16{});
  return (F32x16)((I32x16)reduced | ((I32x16)difference & (I32x16)(difference < 0.0f) & INT32_MIN));
}

// One look at a group with the current zero point, still as sixteen partial results.
struct Look {
  F32x16 errors;     // (w − ŵ)²
  F32x16 estimates;  // code − (w − E) / scale: what the zero point would have to be
  F32x16 largest;    // |w − ŵ|
};

template <bool HAS_SPARSE>
static inline Look look_at_group(const float* weights, int32_t count, float levels, float scale, float inverse,
                                 float zero, float beta, double norm) {
  const F32x16 inverses = splat(inverse), zeros = splat(zero), none = {}, top = splat(levels);
  Look look = {none, none, none};
  for (int32_t i = 0; i < count; i += LANES) {
    const int32_t left = count - i;
    const F32x16 v = left >= LANES ? load(weights + i) : load_part(weights + i, left, 0.0f);
    const F32x16 code = round_half_even(clamp_lanes(v * inverses + zeros, none, top));
    const F32x16 difference = v - scale * (code - zeros);
    const F32x16 sparse = HAS_SPARSE ? shrink(difference, beta, norm) : none;
    F32x16 square = difference * difference;
    F32x16 estimate = code - (v - sparse) * inverses;
    if (left < LANES) {
      float lanes[LANES];
      store(lanes, square);
      square = load_part(lanes, left, 0.0f);
      store(lanes, estimate);
      estimate = load_part(lanes, left, 0.0f);
    }
    look.errors = look.errors + square;
    look.estimates = look.estimates + estimate;
    look.largest = maximum(look.largest, absolute(difference));
  }
  return look;
}

// Σ (w − ŵ)² of every group with its current zero point, and the next one, in its storage dtype.
struct Iterates {
  F32x16 error, next;
};

// A batch of groups of a row.
struct GroupBatch {
  const AffineShape& shape;
  const float* row;
  int32_t group;
  int count;
  const HalfQuadratic& options;
  float scale[LANES], inverse[LANES], columns[LANES];

  template <bool HAS_SPARSE>
  Look look(int g, float zero, float beta) const {
    const float levels = (float)((1 << shape.bits) - 1);
    return look_at_group<HAS_SPARSE>(row + (int64_t)(group + g) * shape.group_size, shape.group_columns(group + g),
                                     levels, scale[g], inverse[g], zero, beta, options.norm);
  }

  Iterates look_at_all(F32x16 zero_points, int32_t iteration) const {
    F32x16 errors[GROUP_BATCH] = {}, estimates[GROUP_BATCH] = {}, largest[GROUP_BATCH] = {};
    float zero[LANES], largest_of_group[LANES];
    store(zero, zero_points);
    for (int g = 0; g < count; g++) {
      const Look found = look<false>(g, zero[g], options.beta[iteration]);
      errors[g] = found.errors;
      estimates[g] = found.estimates;
      largest[g] = found.largest;
    }
    // Most groups have no error so large that the shrinkage leaves anything of it.
    store(largest_of_group, group_maximums(largest));
    for (int g = 0; g < count; g++)
      if (!(largest_of_group[g] <= options.silent[iteration]))
        estimates[g] = look<true>(g, zero[g], options.beta[iteration]).estimates;
    return {group_sums(errors), round_to_scale_lanes(group_sums(estimates) / load(columns), shape.scale_dtype)};
  }
};

// Replaces the zero points of `count` groups by the best iterate of each.
static void fit_zero_points(const AffineShape& shape, const float* row, int32_t group, int count,
                            const HalfQuadratic& options, AffineGrids* grids) {
  GroupBatch batch = {shape, row, group, count, options, {}, {}, {}};
  store(batch.scale, grids->scale);
  store(batch.inverse, grids->inverse);
  for (int g = 0; g < LANES; g++) batch.columns[g] = g < count ? (float)shape.group_columns(group + g) : 1.0f;

  const F32x16 start = grids->zero, rounded = round_to_scale_lanes(round_half_even(start), shape.scale_dtype);
  const Iterates from_start = batch.look_at_all(start, 0), from_rounded = batch.look_at_all(rounded, 0);
  const I32x16 prefers_rounded = from_rounded.error < from_start.error;
  F32x16 best = prefers_rounded ? rounded : start;
  F32x16 least = prefers_rounded ? from_rounded.error : from_start.error;
  F32x16 zero = prefers_rounded ? from_rounded.next : from_start.next;
  for (int32_t i = 1; i <= options.iterations; i++) {
    const Iterates found = batch.look_at_all(zero, i);
    best = found.error < least ? zero : best;
    least = found.error < least ? found.error : least;
    zero = found.next;
  }
  grids->zero = best;
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
      fit_zero_points(shape, row, group, count, options, &grids);
      store_grids(shape, arrays, r, group, count, grids);
      encode_groups<ZERO_FLOAT>(writer, shape, row, end, group, count, grids);
    }
    writer.end_row();
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// RTN: min-max grids per group, with an optional search for a smaller range, and codes on stored scales.
#include "affine_grid.h"
#include "power.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Σ |w − ŵ|^exponent of a group in f64.
template <int ZERO_KIND>
static double grid_error(const float* weights, int32_t count, int32_t bits, float scale, float inverse, float zero,
                         double exponent) {
  const CodeBounds bounds = code_bounds<ZERO_KIND>(bits, zero);
  const F32x16 scales = splat(scale), inverses = splat(inverse), zeros = splat(zero);
  F64x16 sum = {};
  for (int32_t i = 0; i < count; i += LANES) {
    const int32_t left = count - i;
    const F32x16 v = left >= LANES ? load(weights + i) : load_part(weights + i, left, 0.0f);
    const I32x16 codes =
        affine_codes<ZERO_KIND>(v, inverses, zeros, bounds.low, bounds.high, bounds.shift) & 0xff;
    const F32x16 code = __builtin_convertvector(codes, F32x16);
    const F32x16 value = ZERO_KIND == ZERO_MINIMUM ? scales * code + zeros : scales * (code - zeros);
    F32x16 error = absolute(v - value);
    if (left < LANES) {
      float lanes[LANES];
      store(lanes, error);
      error = load_part(lanes, left, 0.0f);
    }
    sum += power_of_lanes(error, exponent);
  }
  double partial[LANES];
  __builtin_memcpy(partial, &sum, sizeof partial);
  return tree_sum(partial);
}

template <int ZERO_KIND>
static AffineGrids search_grids(const AffineShape& shape, const float* row, int32_t group, int count, F32x16 low,
                                F32x16 high, bool include_zero, int32_t steps, double exponent) {
  AffineGrids best = affine_grids(shape, low, high, include_zero);
  double least[LANES];
  for (int32_t step = 0; step < steps; step++) {
    const float part = (float)(1.0 - step / 100.0);
    const AffineGrids grids = step == 0 ? best : affine_grids(shape, part * low, part * high, include_zero);
    for (int g = 0; g < count; g++) {
      const double error = grid_error<ZERO_KIND>(row + (int64_t)(group + g) * shape.group_size,
                                                 shape.group_columns(group + g), shape.bits, grids.scale[g],
                                                 grids.inverse[g], grids.zero[g], exponent);
      if (step > 0 && !(error < least[g])) continue;
      least[g] = error;
      best.scale[g] = grids.scale[g];
      best.inverse[g] = grids.inverse[g];
      best.zero[g] = grids.zero[g];
    }
  }
  return best;
}

template <int ZERO_KIND>
static void fit_rows(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, const AffineShape& shape,
                     uint8_t* codes, const AffineGridArrays& arrays, bool include_zero, int32_t steps,
                     double exponent) {
  const float* end = values + (int64_t)rows * shape.columns;
  CodeWriter writer;
  for (int32_t r = row_begin; r < row_end; r++) {
    const float* row = values + (int64_t)r * shape.columns;
    writer.begin_row(codes + r * shape.code_bytes(), shape.bits);
    for (int32_t group = 0; group < shape.groups(); group += GROUP_BATCH) {
      const int32_t left = shape.groups() - group;
      const int count = left < GROUP_BATCH ? left : GROUP_BATCH;
      F32x16 low, high;
      group_ranges(shape, row, group, count, &low, &high);
      const AffineGrids grids =
          steps > 1 ? search_grids<ZERO_KIND>(shape, row, group, count, low, high, include_zero, steps, exponent)
                    : affine_grids(shape, low, high, include_zero);
      store_grids(shape, arrays, r, group, count, grids);
      encode_groups<ZERO_KIND>(writer, shape, row, end, group, count, grids);
    }
    writer.end_row();
  }
}

void affine_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                int32_t group_size, int32_t zero_kind, int32_t scale_dtype, uint8_t* codes, void* scale, void* zero,
                int32_t include_zero, int32_t steps, double exponent) {
  const AffineShape shape = {columns, bits, group_size, zero_kind, scale_dtype};
  const AffineGridArrays arrays = {scale, zero};
  const auto fit = zero_kind == ZERO_MIDPOINT  ? fit_rows<ZERO_MIDPOINT>
                   : zero_kind == ZERO_INTEGER ? fit_rows<ZERO_INTEGER>
                   : zero_kind == ZERO_FLOAT   ? fit_rows<ZERO_FLOAT>
                                               : fit_rows<ZERO_MINIMUM>;
  fit(row_begin, row_end, values, rows, shape, codes, arrays, include_zero != 0, steps, exponent);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

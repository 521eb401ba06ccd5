// The values that a column of sixteen rows may take, one row a lane: the twin of
// packages/core/src/backend/reference/column-grid.ts.
#pragma once

#include "affine_grid.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Whole parts of zero points: up to here sums with codes are exact.
constexpr float MAX_WHOLE_ZERO = 2097152.0f;

// One grid of errorFeedback, as lowbit_kernels.h describes it.
struct ColumnGrid {
  bool is_affine;
  int32_t levels, groups;
  const float* first;   // scale [rows, groups], or values [rows, groups, levels]
  const float* second;  // zero [rows, groups]
};

// The rows of the lanes; lanes behind the last row repeat it.
struct LaneRows {
  int64_t rows[LANES];
  int32_t count;
};

static inline F32x16 load_strided(const float* values, const LaneRows& lanes, int64_t stride, int64_t offset) {
  float found[LANES];
  for (int i = 0; i < LANES; i++) found[i] = values[lanes.rows[i] * stride + offset];
  return load(found);
}

struct AffineLanes {
  F32x16 scale, inverse, zero, whole, fraction, low, high;
};

static inline AffineLanes affine_lanes(const ColumnGrid& grid, const LaneRows& lanes, int32_t group) {
  AffineLanes a;
  a.scale = load_strided(grid.first, lanes, grid.groups, group);
  a.zero = load_strided(grid.second, lanes, grid.groups, group);
  a.inverse = inverse_scales(a.scale);
  a.whole = round_half_even(clamp_lanes(a.zero, splat(-MAX_WHOLE_ZERO), splat(MAX_WHOLE_ZERO)));
  a.fraction = a.zero - a.whole;
  a.low = -a.whole;
  a.high = splat((float)(grid.levels - 1)) - a.whole;
  return a;
}

struct PointLanes {
  F32x16 code, value;
};

static inline PointLanes nearest_affine(const AffineLanes& a, F32x16 weight) {
  const F32x16 code = round_half_even(clamp_lanes(weight * a.inverse + a.fraction, a.low, a.high)) + a.whole;
  return {code, a.scale * (code - a.zero)};
}

static inline PointLanes nearest_value(const ColumnGrid& grid, const LaneRows& lanes, int32_t group, F32x16 weight) {
  const int64_t stride = (int64_t)grid.groups * grid.levels, offset = (int64_t)group * grid.levels;
  PointLanes point = {F32x16{}, load_strided(grid.first, lanes, stride, offset)};
  F32x16 below = point.value;
  for (int32_t i = 1; i < grid.levels; i++) {
    const F32x16 above = load_strided(grid.first, lanes, stride, offset + i);
    const I32x16 is_above = weight > below * 0.5f + above * 0.5f;
    point.code = is_above ? point.code + 1.0f : point.code;
    point.value = is_above ? above : point.value;
    below = above;
  }
  return point;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

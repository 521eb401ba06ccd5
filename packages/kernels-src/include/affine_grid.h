// Affine grids of up to sixteen groups of a row at once, and codes on them: the twin of
// packages/core/src/backend/reference/affine-grid.ts and affine-groups.ts.
#pragma once

#include "code_writer.h"
#include "group_reduce.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Geometry of an affine term with a scale per group or row.
struct AffineShape {
  int32_t columns, bits, group_size, zero_kind, scale_dtype;

  int32_t groups() const { return columns == 0 ? 0 : (columns - 1) / group_size + 1; }
  int32_t group_columns(int32_t group) const {
    const int32_t left = columns - group * group_size;
    return left < group_size ? left : group_size;
  }
  int64_t code_bytes() const { return packed_byte_length(columns, bits); }
};

// Lane g belongs to group g of the batch; `zero` is zero point or minimum.
struct AffineGrids {
  F32x16 scale, inverse, zero;
};

// 1 / scale; 0 where that overflows: such a scale stands for 0.
static inline F32x16 inverse_scales(F32x16 scale) {
  const F32x16 inverse = 1.0f / scale;
  return inverse > __FLT_MAX__ ? F32x16{} : inverse;
}

static inline F32x16 clamp_lanes(F32x16 v, F32x16 low, F32x16 high) { return minimum(maximum(v, low), high); }

static inline AffineGrids affine_grids(const AffineShape& shape, F32x16 low, F32x16 high, bool include_zero) {
  const float levels = (float)((1 << shape.bits) - 1);
  const int32_t dtype = shape.scale_dtype;
  AffineGrids grids;
  if (shape.zero_kind == ZERO_MIDPOINT) {
    const float half = (float)(1 << (shape.bits - 1));
    grids.scale = round_to_scale_lanes(maximum(absolute(low), absolute(high)) / (half - 1.0f), dtype);
    grids.inverse = inverse_scales(grids.scale);
    grids.zero = splat(half);
    return grids;
  }
  if (include_zero || shape.zero_kind == ZERO_INTEGER) {
    low = minimum(low, F32x16{});
    high = maximum(high, F32x16{});
  }
  grids.scale = round_to_scale_lanes((high - low) / levels, dtype);
  if (shape.zero_kind == ZERO_FLOAT) {
    const F32x16 largest = maximum(absolute(low), absolute(high));
    grids.scale = grids.scale < largest * 0x1p-15f ? round_to_scale_lanes(largest, dtype) : grids.scale;
  }
  grids.inverse = inverse_scales(grids.scale);
  if (shape.zero_kind == ZERO_MINIMUM) {
    grids.zero = round_to_scale_lanes(low, dtype);
  } else {
    const F32x16 zero_point = -low * grids.inverse;
    grids.zero = shape.zero_kind == ZERO_FLOAT ? round_to_scale_lanes(zero_point, dtype)
                                               : round_half_even(clamp_lanes(zero_point, F32x16{}, splat(levels)));
  }
  return grids;
}

// Smallest and largest weight of `count` groups starting with `group`.
static inline void group_ranges(const AffineShape& shape, const float* row, int32_t group, int count, F32x16* low,
                                F32x16* high) {
  const F32x16 infinite = splat(__builtin_inff());
  F32x16 lows[GROUP_BATCH], highs[GROUP_BATCH];
  for (int g = 0; g < GROUP_BATCH; g++) {
    F32x16 least = infinite, most = -infinite;
    if (g < count) {
      const float* weights = row + (int64_t)(group + g) * shape.group_size;
      const int32_t n = shape.group_columns(group + g);
      int32_t i = 0;
      for (; i + LANES <= n; i += LANES) {
        const F32x16 v = load(weights + i);
        least = minimum(least, v);
        most = maximum(most, v);
      }
      if (i < n) {
        least = minimum(least, load_part(weights + i, n - i, __builtin_inff()));
        most = maximum(most, load_part(weights + i, n - i, -__builtin_inff()));
      }
    }
    lows[g] = least;
    highs[g] = most;
  }
  *low = group_minimums(lows);
  *high = group_maximums(highs);
}

// Codes of sixteen weights in the low bytes of the lanes; `low` and `high` bound the code before `shift` is added.
template <int ZERO_KIND>
static inline I32x16 affine_codes(F32x16 weights, F32x16 inverse, F32x16 zero, F32x16 low, F32x16 high, int32_t shift) {
  F32x16 code = (ZERO_KIND == ZERO_MINIMUM ? weights - zero : weights) * inverse;
  if (ZERO_KIND == ZERO_FLOAT) code = code + zero;
  // Adding 1.5·2^23 rounds half to even and leaves the integer in the low bits.
  const I32x16 bits = (I32x16)(clamp_lanes(code, low, high) + 12582912.0f);
  return ZERO_KIND == ZERO_MIDPOINT || ZERO_KIND == ZERO_INTEGER ? bits + shift : bits;
}

// What the bounds of affine_codes are for a group with this zero.
struct CodeBounds {
  F32x16 low, high;
  int32_t shift;
};
template <int ZERO_KIND>
static inline CodeBounds code_bounds(int32_t bits, float zero) {
  const bool shifted = ZERO_KIND == ZERO_MIDPOINT || ZERO_KIND == ZERO_INTEGER;
  const float levels = (float)((1 << bits) - 1), base = shifted ? zero : 0.0f;
  return {splat(0.0f - base), splat(levels - base), (int32_t)base};
}

// The first `count` weights in the first lanes; lanes behind them are whatever follows in the block, or 0 at its end.
static inline F32x16 load_before(const float* from, int32_t count, const float* end) {
  return end - from >= LANES ? load(from) : load_part(from, count, 0.0f);
}

template <int ZERO_KIND>
static inline void encode_group(CodeWriter& writer, const float* weights, int32_t count, const float* end, float inverse,
                                float zero) {
  const CodeBounds bounds = code_bounds<ZERO_KIND>(writer.bits, zero);
  const F32x16 inverses = splat(inverse), zeros = splat(zero);
  while (count > 0) {
    const int32_t part = writer.room(count);
    uint8_t* codes = writer.next();
    for (int32_t i = 0; i < part; i += LANES) {
      const F32x16 v = part - i >= LANES ? load(weights + i) : load_before(weights + i, part - i, end);
      store_bytes(codes + i, affine_codes<ZERO_KIND>(v, inverses, zeros, bounds.low, bounds.high, bounds.shift));
    }
    writer.advance(part);
    weights += part;
    count -= part;
  }
}

// Codes of `count` groups of a row from `group` on.
template <int ZERO_KIND>
static inline void encode_groups(CodeWriter& writer, const AffineShape& shape, const float* row, const float* end,
                                 int32_t group, int count, const AffineGrids& grids) {
  float inverse[LANES], zero[LANES];
  store(inverse, grids.inverse);
  store(zero, grids.zero);
  for (int g = 0; g < count; g++)
    encode_group<ZERO_KIND>(writer, row + (int64_t)(group + g) * shape.group_size, shape.group_columns(group + g), end,
                            inverse[g], zero[g]);
}

// Scale and zero arrays of a term.
struct AffineGridArrays {
  void* scale;
  void* zero;  // null for midpoint
};

static inline void store_grids(const AffineShape& shape, const AffineGridArrays& arrays, int32_t row, int32_t group,
                               int count, const AffineGrids& grids) {
  const int64_t index = (int64_t)row * shape.groups() + group;
  store_scale_lanes(arrays.scale, shape.scale_dtype, index, grids.scale, count);
  if (shape.zero_kind == ZERO_FLOAT || shape.zero_kind == ZERO_MINIMUM)
    store_scale_lanes(arrays.zero, shape.scale_dtype, index, grids.zero, count);
  if (shape.zero_kind == ZERO_INTEGER) {
    uint8_t codes[LANES];
    store_bytes(codes, __builtin_convertvector(grids.zero, I32x16));
    uint8_t* row_codes = (uint8_t*)arrays.zero + (int64_t)row * packed_byte_length(shape.groups(), shape.bits);
    // Batches start at multiples of sixteen groups, so at a byte.
    pack_codes(codes, count, shape.bits, row_codes + packed_byte_length(group, shape.bits));
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

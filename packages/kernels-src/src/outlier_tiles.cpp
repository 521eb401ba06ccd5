// Largest magnitude and number of outliers of every tile, on the bits of the magnitudes: integers in the same order.
#include "lowbit_kernels.h"
#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// |w| > threshold  ⇔  bits(|w|) > threshold_bits(threshold): the bits of the largest f32 that is not above it.
inline int32_t threshold_bits(double threshold) {
  if (!(threshold == threshold)) return ABS_MASK;
  if (threshold < 0) return -1;
  const float nearest = (float)threshold;
  const int32_t bits = load_as<int32_t>(&nearest);
  return (double)nearest > threshold ? bits - 1 : bits;
}

struct TileFigures {
  int32_t abs;
  uint32_t count;
};

inline TileFigures look_at_span(const float* from, int32_t count, int32_t threshold) {
  I32x16 largest = {}, outliers = {};
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const I32x16 abs = load_as<I32x16>(from + i) & ABS_MASK;
    const I32x16 finite = abs < INFINITE_BITS;
    const I32x16 kept = abs & finite;
    largest = kept > largest ? kept : largest;
    outliers -= (abs > threshold) & finite;
  }
  TileFigures figures = {0, 0};
  if (i > 0) {
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; lane++) {
      figures.abs = largest[lane] > figures.abs ? largest[lane] : figures.abs;
      figures.count += (uint32_t)outliers[lane];
    }
  }
  for (; i < count; i++) {
    const int32_t abs = load_as<int32_t>(from + i) & ABS_MASK;
    if (abs >= INFINITE_BITS) continue;
    figures.abs = abs > figures.abs ? abs : figures.abs;
    figures.count += abs > threshold;
  }
  return figures;
}

}  // namespace

void outlier_tiles(const float* values, int32_t rows, int32_t columns, int32_t tile_rows, int32_t tile_columns,
                   double threshold, float* abs_maximum, uint32_t* outlier_count) {
  const int32_t limit = threshold_bits(threshold);
  const int64_t tiles_across = ((int64_t)columns + tile_columns - 1) / tile_columns;
  for (int32_t row = 0; row < rows; row++) {
    const bool first_row = row % tile_rows == 0;
    for (int64_t across = 0; across < tiles_across; across++) {
      const int64_t tile = row / tile_rows * tiles_across + across, column = across * tile_columns;
      const int32_t count = columns - column < tile_columns ? (int32_t)(columns - column) : tile_columns;
      const TileFigures figures = look_at_span(values + (int64_t)row * columns + column, count, limit);
      const float abs = load_as<float>(&figures.abs);
      if (first_row || abs > abs_maximum[tile]) abs_maximum[tile] = abs;
      outlier_count[tile] = (first_row ? 0 : outlier_count[tile]) + figures.count;
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

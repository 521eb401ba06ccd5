// The error-feedback loop over the columns of a span, sixteen rows at a time: their columns lie in registers one after
// another, one row a lane, so that a column is quantized at once and its error reaches the others as a vector.
#include "column_grids.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Columns that are held as lanes of rows, and those among them whose errors are passed on together.
constexpr int32_t TILE_COLUMNS = 128;
constexpr int32_t STRIP_COLUMNS = 8;

struct Span {
  float* weights;
  int32_t columns, first, count, end;
  const float* factor;
  float* errors;
  int32_t error_stride;
  uint8_t* codes;
  const uint32_t* group_of;
  const ColumnGrid* grids;
  int32_t grid_count;
  uint8_t* zones;
  float threshold;

  const float* factor_row(int32_t column) const { return factor + (int64_t)(column - first) * columns; }
};

struct Tile {
  alignas(64) float weights[TILE_COLUMNS][LANES];
  alignas(64) float errors[TILE_COLUMNS][LANES];
  uint8_t codes[TILE_COLUMNS][LANES];
};

// The grid of one group, kept for the columns that share it.
struct LastGrid {
  int32_t grid = -1, group = -1;
  AffineLanes lanes;

  PointLanes nearest(const Span& span, int32_t number, int32_t group_number, const LaneRows& rows, F32x16 weight) {
    const ColumnGrid& columns = span.grids[number];
    if (!columns.is_affine) return nearest_value(columns, rows, group_number, weight);
    if (grid != number || group != group_number) {
      grid = number;
      group = group_number;
      lanes = affine_lanes(columns, rows, group_number);
    }
    return nearest_affine(lanes, weight);
  }
};

inline F32x16 choose(I32x16 mask, F32x16 yes, F32x16 no) { return mask ? yes : no; }

// Quantizes column `column`, which is column `at` of the tile.
inline void quantize_column(const Span& span, Tile& tile, int32_t column, int32_t at, const LaneRows& rows,
                            LastGrid& last) {
  const int32_t group = (int32_t)span.group_of[column - span.first];
  const float pivot = span.factor_row(column)[column];
  const F32x16 weight = load(tile.weights[at]);
  PointLanes point = {F32x16{}, weight};
  I32x16 is_kept = {};
  if (span.zones == nullptr) {
    point = last.nearest(span, 0, group, rows, weight);
  } else {
    I32x16 zone;
    for (int i = 0; i < LANES; i++) zone[i] = span.zones[rows.rows[i] * span.columns + column];
    for (int32_t number = 0; number < span.grid_count; number++) {
      const I32x16 is_here = zone == number;
      const PointLanes here = last.nearest(span, number, group, rows, weight);
      point = {choose(is_here, here.code, point.code), choose(is_here, here.value, point.value)};
    }
    is_kept = zone == span.grid_count;
  }
  F32x16 error = choose(is_kept, F32x16{}, (point.value - weight) / pivot);
  if (span.zones != nullptr) {
    const I32x16 is_outlier = error * error > span.threshold;
    for (int i = 0; i < rows.count; i++)
      if (is_outlier[i]) span.zones[rows.rows[i] * span.columns + column] = (uint8_t)span.grid_count;
    error = choose(is_outlier, F32x16{}, error);
    point = {choose(is_outlier, F32x16{}, point.code), choose(is_outlier, weight, point.value)};
  }
  store(tile.weights[at], point.value);
  store(tile.errors[at], error);
  const I32x16 codes = __builtin_convertvector(point.code, I32x16);
  for (int i = 0; i < LANES; i++) tile.codes[at][i] = (uint8_t)codes[i];
}

// Adds the errors of tile columns strip … strip + STRIP_COLUMNS − 1 to column `at`, in ascending order.
inline void pass_on(Tile& tile, const float* const* factors, int32_t strip, int32_t at, int32_t column) {
  F32x16 weight = load(tile.weights[at]);
  for (int32_t i = 0; i < STRIP_COLUMNS; i++) weight = weight + load(tile.errors[strip + i]) * factors[i][column];
  store(tile.weights[at], weight);
}

// Columns `begin` … `begin + count − 1` of the span, which lie in the tile.
inline void quantize_tile(const Span& span, Tile& tile, int32_t begin, int32_t count, const LaneRows& rows,
                          LastGrid& last) {
  for (int32_t strip = 0; strip < count; strip += STRIP_COLUMNS) {
    const int32_t end = count - strip < STRIP_COLUMNS ? count : strip + STRIP_COLUMNS;
    const float* factors[STRIP_COLUMNS];
    for (int32_t at = strip; at < end; at++) {
      quantize_column(span, tile, begin + at, at, rows, last);
      factors[at - strip] = span.factor_row(begin + at);
      const F32x16 error = load(tile.errors[at]);
      for (int32_t k = at + 1; k < end; k++)
        store(tile.weights[k], load(tile.weights[k]) + error * factors[at - strip][begin + k]);
    }
    for (int32_t k = end; k < count; k++) pass_on(tile, factors, strip, k, begin + k);
  }
}

// Columns behind the tile, up to the end of the block: row after row, where they lie.
inline void pass_on_behind(const Span& span, const Tile& tile, int32_t begin, int32_t count, const LaneRows& rows) {
  for (int32_t i = 0; i < rows.count; i++) {
    float* row = span.weights + rows.rows[i] * span.columns;
    int32_t k = begin + count;
    for (; k + LANES <= span.end; k += LANES) {
      F32x16 weight = load(row + k);
      for (int32_t at = 0; at < count; at++)
        weight = weight + tile.errors[at][i] * load(span.factor_row(begin + at) + k);
      store(row + k, weight);
    }
    for (; k < span.end; k++)
      for (int32_t at = 0; at < count; at++) row[k] += tile.errors[at][i] * span.factor_row(begin + at)[k];
  }
}

inline void quantize_rows(const Span& span, const LaneRows& rows) {
  Tile tile;
  for (int32_t begin = span.first; begin < span.first + span.count; begin += TILE_COLUMNS) {
    const int32_t left = span.first + span.count - begin;
    const int32_t count = left < TILE_COLUMNS ? left : TILE_COLUMNS;
    for (int i = 0; i < LANES; i++) {
      const float* row = span.weights + rows.rows[i] * span.columns + begin;
      for (int32_t at = 0; at < count; at++) tile.weights[at][i] = row[at];
    }
    LastGrid last;
    quantize_tile(span, tile, begin, count, rows, last);
    for (int i = 0; i < rows.count; i++) {
      float* row = span.weights + rows.rows[i] * span.columns + begin;
      uint8_t* codes = span.codes + rows.rows[i] * span.columns + begin;
      float* errors = span.errors + rows.rows[i] * span.error_stride + begin - span.first;
      for (int32_t at = 0; at < count; at++) {
        row[at] = tile.weights[at][i];
        codes[at] = tile.codes[at][i];
        errors[at] = tile.errors[at][i];
      }
    }
    pass_on_behind(span, tile, begin, count, rows);
  }
}

}  // namespace

void error_feedback(int32_t row_begin, int32_t row_end, float* weights, int32_t columns, int32_t first, int32_t count,
                    int32_t end, const float* factor, float* errors, int32_t error_stride, uint8_t* codes,
                    const uint32_t* group_of, const int32_t* grid_table, const float* grid_values, int32_t grid_count,
                    uint8_t* zones, float threshold) {
  ColumnGrid grids[LOWBIT_FEEDBACK_GRIDS];
  for (int32_t i = 0; i < grid_count; i++) {
    const int32_t* entry = grid_table + 5 * i;
    grids[i] = {entry[0] != 0, entry[1], entry[2], grid_values + entry[3], grid_values + entry[4]};
  }
  const Span span = {weights, columns,  first, count,      end,   factor,   errors, error_stride,
                     codes,   group_of, grids, grid_count, zones, threshold};
  for (int32_t row = row_begin; row < row_end; row += LANES) {
    LaneRows rows;
    rows.count = row_end - row < LANES ? row_end - row : LANES;
    for (int i = 0; i < LANES; i++) rows.rows[i] = row + (i < rows.count ? i : rows.count - 1);
    quantize_rows(span, rows);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

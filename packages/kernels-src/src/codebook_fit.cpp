// Codes into a table: the nearest value of weight / scale, found by counting the boundaries below it.
#include "affine_grid.h"

namespace lowbit {
namespace LOWBIT_ISA {

// The table in ascending order. A number above `top[i]` belongs to a later value than value i; passing it changes the
// code by `step[i]`.
struct Boundaries {
  int32_t count;
  float top[255];
  int32_t step[255];
  int32_t first_code;
  float largest;
};

static float next_below(float v) {
  int32_t bits;
  __builtin_memcpy(&bits, &v, sizeof bits);
  bits = v == 0.0f ? INT32_MIN + 1 : v > 0.0f ? bits - 1 : bits + 1;
  __builtin_memcpy(&v, &bits, sizeof bits);
  return v;
}

static void find_boundaries(const void* table, int32_t bits, Boundaries* b) {
  float value[256];
  uint8_t code[256] = {};
  int32_t distinct = 0;
  b->largest = 0.0f;
  for (int32_t c = 0; c < 1 << bits; c++) {
    const float v = load_scale(table, SCALE_F32, c) + 0.0f;
    const float magnitude = v < 0.0f ? 0.0f - v : v;
    if (magnitude > b->largest) b->largest = magnitude;
    int32_t at = distinct;
    while (at > 0 && value[at - 1] > v) at--;
    if (at > 0 && value[at - 1] == v) continue;  // of equal values the lowest code
    for (int32_t i = distinct; i > at; i--) {
      value[i] = value[i - 1];
      code[i] = code[i - 1];
    }
    value[at] = v;
    code[at] = (uint8_t)c;
    distinct++;
  }
  b->count = distinct - 1;
  b->first_code = code[0];
  for (int32_t i = 0; i < b->count; i++) {
    const double midpoint = ((double)value[i] + (double)value[i + 1]) / 2;
    const float near = (float)midpoint;
    const bool inclusive = code[i] < code[i + 1];
    const bool is_lower = (double)near < midpoint || ((double)near == midpoint && inclusive);
    b->top[i] = is_lower ? near : next_below(near);
    b->step[i] = (int32_t)code[i + 1] - code[i];
  }
}

static void encode_codebook_group(CodeWriter& writer, const Boundaries& b, const float* weights, int32_t count,
                                  const float* end, float inverse) {
  while (count > 0) {
    const int32_t part = writer.room(count);
    uint8_t* codes = writer.next();
    for (int32_t i = 0; i < part; i += LANES) {
      const F32x16 v = part - i >= LANES ? load(weights + i) : load_before(weights + i, part - i, end);
      const F32x16 scaled = v * inverse;
      I32x16 code = I32x16{} + b.first_code;
      for (int32_t k = 0; k < b.count; k++) code += (I32x16)(scaled > b.top[k]) & b.step[k];
      store_bytes(codes + i, code);
    }
    writer.advance(part);
    weights += part;
    count -= part;
  }
}

struct CodebookBlock {
  const float* values;
  int32_t rows;
  AffineShape shape;
  uint8_t* codes;
};

static void encode_codebook_row(CodeWriter& writer, const CodebookBlock& block, const Boundaries& b, int32_t r,
                                const void* scale, int32_t scale_row) {
  const AffineShape& shape = block.shape;
  const float* row = block.values + (int64_t)r * shape.columns;
  const float* end = block.values + (int64_t)block.rows * shape.columns;
  writer.begin_row(block.codes + r * shape.code_bytes(), shape.bits);
  for (int32_t group = 0; group < shape.groups(); group += GROUP_BATCH) {
    const int32_t left = shape.groups() - group;
    const int count = left < GROUP_BATCH ? left : GROUP_BATCH;
    const int64_t index = (int64_t)scale_row * shape.groups() + group;
    const F32x16 inverse = inverse_scales(load_scale_lanes(scale, shape.scale_dtype, index, count));
    for (int g = 0; g < count; g++)
      encode_codebook_group(writer, b, row + (int64_t)(group + g) * shape.group_size, shape.group_columns(group + g),
                            end, inverse[g]);
  }
  writer.end_row();
}

void codebook_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns,
                     int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype, uint8_t* codes,
                     const void* scale, const void* table) {
  const CodebookBlock block = {values, rows, {columns, bits, group_size, ZERO_MIDPOINT, scale_dtype}, codes};
  Boundaries boundaries;
  find_boundaries(table, bits, &boundaries);
  CodeWriter writer;
  for (int32_t r = row_begin; r < row_end; r++)
    encode_codebook_row(writer, block, boundaries, r, scale, one_scale ? 0 : r);
}

void codebook_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                  int32_t group_size, int32_t scale_dtype, uint8_t* codes, void* scale, const void* table) {
  const CodebookBlock block = {values, rows, {columns, bits, group_size, ZERO_MIDPOINT, scale_dtype}, codes};
  Boundaries boundaries;
  find_boundaries(table, bits, &boundaries);
  CodeWriter writer;
  for (int32_t r = row_begin; r < row_end; r++) {
    const float* row = values + (int64_t)r * columns;
    for (int32_t group = 0; group < block.shape.groups(); group += GROUP_BATCH) {
      const int32_t left = block.shape.groups() - group;
      const int count = left < GROUP_BATCH ? left : GROUP_BATCH;
      F32x16 low, high;
      group_ranges(block.shape, row, group, count, &low, &high);
      const F32x16 largest = maximum(absolute(low), absolute(high));
      store_scale_lanes(scale, scale_dtype, (int64_t)r * block.shape.groups() + group,
                        round_to_scale_lanes(largest / boundaries.largest, scale_dtype), count);
    }
    encode_codebook_row(writer, block, boundaries, r, scale, r);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

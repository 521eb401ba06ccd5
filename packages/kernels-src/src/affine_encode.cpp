// Codes of a block of rows on grids that are already in the term.
#include "affine_grid.h"

namespace lowbit {
namespace LOWBIT_ISA {

static AffineGrids load_grids(const AffineShape& shape, const void* scale, const void* zero, int32_t scale_row,
                              int32_t group, int count) {
  const int64_t index = (int64_t)scale_row * shape.groups() + group;
  AffineGrids grids;
  grids.scale = load_scale_lanes(scale, shape.scale_dtype, index, count);
  grids.inverse = inverse_scales(grids.scale);
  grids.zero = splat((float)(1 << (shape.bits - 1)));
  if (shape.zero_kind == ZERO_FLOAT || shape.zero_kind == ZERO_MINIMUM)
    grids.zero = load_scale_lanes(zero, shape.scale_dtype, index, count);
  if (shape.zero_kind == ZERO_INTEGER) {
    uint8_t codes[LANES] = {};
    const uint8_t* row_codes = (const uint8_t*)zero + (int64_t)scale_row * packed_byte_length(shape.groups(), shape.bits);
    unpack_codes(row_codes + packed_byte_length(group, shape.bits), shape.bits, count, codes);
    grids.zero = __builtin_convertvector(load_bytes(codes), F32x16);
  }
  return grids;
}

template <int ZERO_KIND>
static void encode_rows(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, const AffineShape& shape,
                        uint8_t* codes, const void* scale, const void* zero, bool one_scale) {
  const float* end = values + (int64_t)rows * shape.columns;
  CodeWriter writer;
  for (int32_t r = row_begin; r < row_end; r++) {
    const float* row = values + (int64_t)r * shape.columns;
    writer.begin_row(codes + r * shape.code_bytes(), shape.bits);
    for (int32_t group = 0; group < shape.groups(); group += GROUP_BATCH) {
      const int32_t left = shape.groups() - group;
      const int count = left < GROUP_BATCH ? left : GROUP_BATCH;
      const AffineGrids grids = load_grids(shape, scale, zero, one_scale ? 0 : r, group, count);
      encode_groups<ZERO_KIND>(writer, shape, row, end, group, count, grids);
    }
    writer.end_row();
  }
}

void affine_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                   int32_t group_size, int32_t one_scale, int32_t zero_kind, int32_t scale_dtype, uint8_t* codes,
                   const void* scale, const void* zero) {
  const AffineShape shape = {columns, bits, group_size, zero_kind, scale_dtype};
  const auto encode = zero_kind == ZERO_MIDPOINT  ? encode_rows<ZERO_MIDPOINT>
                      : zero_kind == ZERO_INTEGER ? encode_rows<ZERO_INTEGER>
                      : zero_kind == ZERO_FLOAT   ? encode_rows<ZERO_FLOAT>
                                                  : encode_rows<ZERO_MINIMUM>;
  encode(row_begin, row_end, values, rows, shape, codes, scale, zero, one_scale != 0);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

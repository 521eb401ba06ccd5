// target += scale · (code − zero point), or scale · code + minimum (packages/core/src/terms/affine.ts).
#include "bitpack.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Codes unpacked at a time: a multiple of 64, the stride of unpack_codes, and small enough to stay in the first cache.
constexpr int32_t AFFINE_CHUNK = 512;

// Scales and zeros of the groups that a chunk of codes touches; zero is the zero point or the minimum.
struct ChunkGrids {
  // The codes of integer zero points are unpacked from a byte border on, up to seven before the first.
  float scale[AFFINE_CHUNK + LANES], zero[AFFINE_CHUNK + LANES];
  int32_t zeros_before;
};

struct AffineTerm {
  const void *scale, *zero;
  int32_t groups, bits, scale_dtype;

  template <int ZERO_KIND>
  inline void load_grids(int64_t scale_row, int32_t first, int32_t count, ChunkGrids& grids) const {
    load_scales(scale, scale_dtype, scale_row * groups + first, count, grids.scale);
    grids.zeros_before = 0;
    if (ZERO_KIND == ZERO_FLOAT || ZERO_KIND == ZERO_MINIMUM)
      load_scales(zero, scale_dtype, scale_row * groups + first, count, grids.zero);
    if (ZERO_KIND == ZERO_INTEGER) {
      uint8_t codes[AFFINE_CHUNK + LANES];
      const uint8_t* row = (const uint8_t*)zero + scale_row * packed_byte_length(groups, bits);
      grids.zeros_before = first % 8;
      count += grids.zeros_before;
      unpack_codes(row + (int64_t)(first / 8) * bits, bits, count, codes);
      for (int32_t i = 0; i < count; i += LANES)
        store(grids.zero + i, __builtin_convertvector(load_bytes(codes + i), F32x16));
    }
  }
};

// `count` codes of one group. The zero point is an integer or a float; either way code − zero is one f32 operation.
template <int ZERO_KIND>
inline void add_span(const uint8_t* codes, int32_t count, float scale, float zero, float* target) {
  const F32x16 scales = splat(scale), zeros = splat(zero);
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const F32x16 code = __builtin_convertvector(load_bytes(codes + i), F32x16);
    const F32x16 value = ZERO_KIND == ZERO_MINIMUM ? scales * code + zeros : scales * (code - zeros);
    store(target + i, load(target + i) + value);
  }
  for (; i < count; i++)
    target[i] += ZERO_KIND == ZERO_MINIMUM ? scale * (float)codes[i] + zero : scale * ((float)codes[i] - zero);
}

template <int ZERO_KIND>
void decode_rows(int32_t row_begin, int32_t row_end, const uint8_t* codes, const AffineTerm& term, int32_t columns,
                 int32_t group_size, bool one_scale, float* target) {
  const int64_t row_bytes = packed_byte_length(columns, term.bits);
  const float midpoint = (float)(1 << (term.bits - 1));
  uint8_t chunk[AFFINE_CHUNK];
  ChunkGrids grids;
  for (int32_t row = row_begin; row < row_end; row++) {
    float* out = target + (int64_t)row * columns;
    int32_t group = 0, group_done = 0;  // the group of column `begin`, and how many of its columns lie before it
    for (int32_t begin = 0; begin < columns; begin += AFFINE_CHUNK) {
      const int32_t end = columns - begin < AFFINE_CHUNK ? columns : begin + AFFINE_CHUNK;
      const int32_t last = (end - 1) / group_size, first = group;
      unpack_codes(codes + row * row_bytes + (int64_t)begin * term.bits / 8, term.bits, end - begin, chunk);
      term.load_grids<ZERO_KIND>(one_scale ? 0 : row, first, last - first + 1, grids);
      for (int32_t at = begin; at < end;) {
        const int32_t group_left = group_size - group_done, left = end - at;
        const int32_t count = group_left < left ? group_left : left;
        const float zero = ZERO_KIND == ZERO_MIDPOINT ? midpoint : grids.zero[group - first + grids.zeros_before];
        add_span<ZERO_KIND>(chunk + (at - begin), count, grids.scale[group - first], zero, out + at);
        at += count;
        group_done += count;
        if (group_done == group_size) {
          group++;
          group_done = 0;
        }
      }
    }
  }
}

}  // namespace

void affine_decode(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* zero,
                   int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t zero_kind,
                   int32_t scale_dtype, float* target) {
  const int32_t groups = (int32_t)(((int64_t)columns + group_size - 1) / group_size);
  const AffineTerm term = {scale, zero, groups, bits, scale_dtype};
  const auto decode = zero_kind == ZERO_MIDPOINT  ? decode_rows<ZERO_MIDPOINT>
                      : zero_kind == ZERO_INTEGER ? decode_rows<ZERO_INTEGER>
                      : zero_kind == ZERO_FLOAT   ? decode_rows<ZERO_FLOAT>
                                                  : decode_rows<ZERO_MINIMUM>;
  decode(row_begin, row_end, codes, term, columns, group_size, one_scale != 0, target);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

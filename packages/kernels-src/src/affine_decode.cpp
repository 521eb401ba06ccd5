// target += scale · (code − zero point), or scale · code + minimum (packages/core/src/terms/affine.ts).
#include "bitpack.h"
#include "scales.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Codes unpacked at a time: a multiple of 64, the stride of unpack_codes, and small enough to stay in the first cache.
constexpr int32_t AFFINE_CHUNK = 512;

// `count` codes of one group. The zero point is an integer or a float; either way code − zero is one f32 operation.
static inline void add_affine_span(const uint8_t* codes, int32_t count, float scale, float zero, float* target) {
  const F32x16 scales = splat(scale), zeros = splat(zero);
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const F32x16 code = __builtin_convertvector(load_bytes(codes + i), F32x16);
    store(target + i, load(target + i) + scales * (code - zeros));
  }
  for (; i < count; i++) target[i] += scale * ((float)codes[i] - zero);
}

static inline void add_minimum_span(const uint8_t* codes, int32_t count, float scale, float minimum, float* target) {
  const F32x16 scales = splat(scale), minimums = splat(minimum);
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const F32x16 code = __builtin_convertvector(load_bytes(codes + i), F32x16);
    store(target + i, load(target + i) + (scales * code + minimums));
  }
  for (; i < count; i++) target[i] += scale * (float)codes[i] + minimum;
}

void affine_decode(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* zero,
                   int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t zero_kind,
                   int32_t scale_dtype, float* target) {
  const int32_t groups = (int32_t)(((int64_t)columns + group_size - 1) / group_size);
  const int64_t row_bytes = packed_byte_length(columns, bits);
  const int64_t zero_bytes = packed_byte_length(groups, bits);
  uint8_t chunk[AFFINE_CHUNK];
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t scale_row = one_scale ? 0 : row;
    float* out = target + (int64_t)row * columns;
    for (int32_t begin = 0; begin < columns; begin += AFFINE_CHUNK) {
      const int32_t end = columns - begin < AFFINE_CHUNK ? columns : begin + AFFINE_CHUNK;
      unpack_codes(codes + row * row_bytes + (int64_t)begin * bits / 8, bits, end - begin, chunk);
      for (int32_t at = begin; at < end;) {
        const int32_t group = at / group_size;
        const int64_t index = scale_row * groups + group;
        const int64_t group_end = ((int64_t)group + 1) * group_size;
        const int32_t count = (int32_t)(group_end < end ? group_end : end) - at;
        const float s = load_scale(scale, scale_dtype, index);
        if (zero_kind == ZERO_MINIMUM) {
          add_minimum_span(chunk + (at - begin), count, s, load_scale(zero, scale_dtype, index), out + at);
        } else {
          float z = (float)(1 << (bits - 1));
          if (zero_kind == ZERO_INTEGER) z = (float)read_code((const uint8_t*)zero + scale_row * zero_bytes, bits, group);
          if (zero_kind == ZERO_FLOAT) z = load_scale(zero, scale_dtype, index);
          add_affine_span(chunk + (at - begin), count, s, z, out + at);
        }
        at += count;
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// target += scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]
// (packages/core/src/terms/sign.ts).
#include "bitpack.h"
#include "half.h"
#include "scatter.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t SIGN_CHUNK = 512;
constexpr int32_t MAX_ZONES = 4;

// The value of each lane's zone.
static inline F32x16 by_zone(I32x16 zone, const float* values, int32_t zones) {
  F32x16 v = splat(values[0]);
  for (int32_t k = 1; k < zones; k++)
    v = (F32x16)select_bits((I32x16)(zone == k), (U32x16)splat(values[k]), (U32x16)v);
  return v;
}

// ±magnitude: sign 1 keeps it, sign 0 flips the highest bit.
static inline F32x16 with_sign(F32x16 magnitude, I32x16 sign) {
  return (F32x16)((U32x16)magnitude ^ ((U32x16)(sign ^ 1) << 31));
}

void sign_decode(int32_t row_begin, int32_t row_end, const uint8_t* signs, const void* scale, const void* mean,
                 const void* column_scale, const uint8_t* zone_map, const uint8_t* covered_columns, int32_t columns,
                 int32_t covered, int32_t group_size, int32_t one_scale, int32_t zones, int32_t scale_dtype,
                 float* target) {
  const int32_t groups = (int32_t)(((int64_t)covered + group_size - 1) / group_size);
  const int32_t zone_bits = zones == 1 ? 0 : zones == 2 ? 1 : 2;
  const int64_t sign_bytes = packed_byte_length(covered, 1), zone_bytes = packed_byte_length(covered, zone_bits);
  // Room for one more vector: a span is computed in whole vectors, lanes behind its end are overwritten by the next.
  uint8_t sign[SIGN_CHUNK + LANES] = {}, zone[SIGN_CHUNK + LANES] = {};
  float factor[SIGN_CHUNK + LANES] = {}, value[SIGN_CHUNK + LANES];
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t scale_row = one_scale ? 0 : row;
    float* out = target + (int64_t)row * columns;
    for (int32_t begin = 0; begin < covered; begin += SIGN_CHUNK) {
      const int32_t end = covered - begin < SIGN_CHUNK ? covered : begin + SIGN_CHUNK;
      unpack_codes(signs + row * sign_bytes + begin / 8, 1, end - begin, sign);
      if (zone_map)
        unpack_codes(zone_map + row * zone_bytes + (int64_t)begin * zone_bits / 8, zone_bits, end - begin, zone);
      if (column_scale) decode_scales(column_scale, scale_dtype, begin, end - begin, factor);
      for (int32_t at = begin; at < end;) {
        const int32_t group = at / group_size;
        const int64_t group_end = ((int64_t)group + 1) * group_size;
        const int32_t span_end = (int32_t)(group_end < end ? group_end : end);
        float scales[MAX_ZONES], means[MAX_ZONES];
        for (int32_t k = 0; k < zones; k++) {
          const int64_t index = (scale_row * groups + group) * zones + k;
          scales[k] = load_scale(scale, scale_dtype, index);
          means[k] = mean ? load_scale(mean, scale_dtype, index) : 0.0f;
        }
        for (int32_t i = at - begin; i < span_end - begin; i += LANES) {
          const I32x16 zones_here = load_bytes(zone + i);
          F32x16 v = by_zone(zones_here, scales, zones);
          if (column_scale) v = v * load(factor + i);
          v = with_sign(v, load_bytes(sign + i));
          if (mean) v = v + by_zone(zones_here, means, zones);
          store(value + i, v);
        }
        at = span_end;
      }
      if (covered_columns)
        add_scattered(value, covered_columns, begin, end - begin, out);
      else
        add_contiguous(value, end - begin, out + begin);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

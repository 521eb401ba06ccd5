// target += scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]
// (packages/core/src/terms/sign.ts).
#include "bitpack.h"
#include "scales.h"
#include "scatter.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t SIGN_CHUNK = 512;
constexpr int32_t MAX_ZONES = 4;

// Each step runs over a whole span: GCC keeps sixteen lanes in registers only where no branch lies between two steps.

// The value of each element's zone; `values` has MAX_ZONES entries.
static inline void fill_by_zone(const uint8_t* zone, const float* values, int32_t count, float* to) {
  if (!zone)
    for (int32_t i = 0; i < count; i += LANES) store(to + i, splat(values[0]));
  else
    for (int32_t i = 0; i < count; i++) to[i] = values[zone[i]];
}

static inline void multiply_span(const float* factor, int32_t count, float* values) {
  for (int32_t i = 0; i < count; i += LANES) store(values + i, load(values + i) * load(factor + i));
}

// ±value: sign 1 keeps it, sign 0 flips the highest bit.
static inline void sign_span(const uint8_t* sign, int32_t count, float* values) {
  for (int32_t i = 0; i < count; i += LANES)
    store(values + i, (F32x16)((U32x16)load(values + i) ^ ((U32x16)(load_bytes(sign + i) ^ 1) << 31)));
}

// Zones beyond the last read as the last.
static inline void load_zones(const void* array, int32_t dtype, int64_t first, int32_t zones, float* values) {
  for (int32_t k = 0; k < MAX_ZONES; k++) values[k] = k < zones ? load_scale(array, dtype, first + k) : values[zones - 1];
}

void sign_decode(int32_t row_begin, int32_t row_end, const uint8_t* signs, const void* scale, const void* mean,
                 const void* column_scale, const uint8_t* zone_map, int32_t columns, int32_t group_size,
                 int32_t one_scale, int32_t zones, int32_t scale_dtype, float* target) {
  const int32_t groups = (int32_t)(((int64_t)columns + group_size - 1) / group_size);
  const int32_t zone_bits = zones == 1 ? 0 : zones == 2 ? 1 : 2;
  const int64_t sign_bytes = packed_byte_length(columns, 1), zone_bytes = packed_byte_length(columns, zone_bits);
  // Room for one more vector: a span is computed in whole vectors, lanes behind its end are overwritten by the next.
  uint8_t sign[SIGN_CHUNK + LANES] = {}, zone[SIGN_CHUNK + LANES] = {};
  float factor[SIGN_CHUNK + LANES] = {}, value[SIGN_CHUNK + LANES] = {}, middle[SIGN_CHUNK + LANES];
  for (int32_t begin = 0; begin < columns; begin += SIGN_CHUNK) {
    const int32_t end = columns - begin < SIGN_CHUNK ? columns : begin + SIGN_CHUNK;
    if (column_scale) load_scales(column_scale, scale_dtype, begin, end - begin, factor);
    for (int32_t row = row_begin; row < row_end; row++) {
      const int64_t scale_row = one_scale ? 0 : row;
      float* out = target + (int64_t)row * columns;
      unpack_codes(signs + row * sign_bytes + begin / 8, 1, end - begin, sign);
      if (zone_map)
        unpack_codes(zone_map + row * zone_bytes + (int64_t)begin * zone_bits / 8, zone_bits, end - begin, zone);
      for (int32_t at = begin; at < end;) {
        const int32_t group = at / group_size;
        const int64_t group_end = ((int64_t)group + 1) * group_size;
        const int32_t span_end = (int32_t)(group_end < end ? group_end : end);
        const int64_t first = (scale_row * groups + group) * zones;
        const int32_t from = at - begin, count = span_end - at;
        const uint8_t* zones_here = zone_map ? zone + from : nullptr;
        float zone_values[MAX_ZONES];
        load_zones(scale, scale_dtype, first, zones, zone_values);
        fill_by_zone(zones_here, zone_values, count, value + from);
        if (column_scale) multiply_span(factor + from, count, value + from);
        sign_span(sign + from, count, value + from);
        if (mean) {
          load_zones(mean, scale_dtype, first, zones, zone_values);
          fill_by_zone(zones_here, zone_values, count, middle);
          add_contiguous(middle, count, value + from);
        }
        at = span_end;
      }
      add_contiguous(value, end - begin, out + begin);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

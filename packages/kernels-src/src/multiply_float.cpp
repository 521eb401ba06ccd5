// affine_multiply, ternary_multiply, sign_multiply, codebook_multiply, dense_multiply, sparse_multiply: f32 activations.
#include "digit_rows.h"
#include "float_rows.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct AffineRows {
  int32_t columns, bits, group_size, zero_kind, scale_dtype;
  int64_t groups, scale_stride;
  const uint8_t* codes;
  const void* scale;
  const uint8_t* zero;

  void factors(int64_t row, int64_t group, float& step, float& offset) const {
    const int64_t at = row * scale_stride + group;
    step = load_weight(scale, scale_dtype, at);
    if (zero_kind == ZERO_MINIMUM) {
      offset = load_weight(zero, scale_dtype, at);
      return;
    }
    offset = -step * zero_point(row, group);
  }
  void factor_lanes(int64_t row, int64_t group, F32x16& step, F32x16& offset) const {
    const int64_t at = row * scale_stride + group;
    step = load_weight_lanes(scale, scale_dtype, at);
    if (zero_kind == ZERO_MINIMUM) {
      offset = load_weight_lanes(zero, scale_dtype, at);
    } else if (zero_kind == ZERO_FLOAT) {
      offset = -step * load_weight_lanes(zero, scale_dtype, at);
    } else if (zero_kind == ZERO_MIDPOINT) {
      offset = -step * splat((float)(1 << (bits - 1)));
    } else {
      F32x16 points;
      for (int i = 0; i < LANES; i++) points[i] = zero_point(row, group + i);
      offset = -step * points;
    }
  }
  float zero_point(int64_t row, int64_t group) const {
    if (zero_kind == ZERO_MIDPOINT) return (float)(1 << (bits - 1));
    if (zero_kind == ZERO_FLOAT) return load_weight(zero, scale_dtype, row * scale_stride + group);
    const uint8_t* packed = zero + (scale_stride == 0 ? 0 : row * packed_byte_length((int32_t)groups, bits));
    return (float)read_code(packed, bits, (int32_t)group);
  }
  void decode(int64_t row, int32_t begin, int32_t count, float* target) const {
    uint8_t unpacked[DECODE_COLUMNS];
    unpack_codes(codes + row * packed_byte_length(columns, bits) + (int64_t)begin * bits / 8, bits, count, unpacked);
    each_group(begin, count, group_size, [&](int32_t group, int32_t from, int32_t to) {
      float step, offset;
      factors(row, group, step, offset);
      if (zero_kind == ZERO_MINIMUM) {
        for (int32_t i = from; i < to; i++) target[i] = step * (float)unpacked[i] + offset;
        return;
      }
      const float point = zero_point(row, group);
      for (int32_t i = from; i < to; i++) target[i] = step * ((float)unpacked[i] - point);
    });
  }
};

void affine_multiply(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                     int32_t bits, int32_t group_size, int32_t shared_scale, int32_t zero_kind, const void* scale,
                     int32_t scale_dtype, const void* zero, const float* x, const void* planes, const float* x_sums,
                     const float* x_scale, const float* panels, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const uint8_t* packed = (const uint8_t*)codes;
  const AffineRows term = {columns, bits,   group_size, zero_kind,           scale_dtype, groups, shared_scale ? 0 : groups,
                           packed,  scale, (const uint8_t*)zero};
  const FloatTokens in = {x, (const float*)planes, x_sums, panels, tokens, columns, groups};
  if (planes == nullptr) return multiply_decoded(term, row_begin, row_end, rows, in, y);
  const DigitTokens fixed = {(const int8_t*)planes, x_scale, x_sums, tokens, columns, groups};
  const int64_t row_bytes = packed_byte_length(columns, bits);
  const int64_t group_bytes = groups == 1 ? row_bytes : (int64_t)group_size * bits / 8;
  if (bits == 1) multiply_digits<1>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, fixed, y);
  if (bits == 2) multiply_digits<2>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, fixed, y);
  if (bits == 4) multiply_digits<4>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, fixed, y);
  if (bits == 8) multiply_float_planes(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
}

struct TernaryRows {
  int32_t columns, packing, group_size, scale_dtype;
  int64_t scale_stride;
  const uint8_t* digits;
  const void* scale;

  void factors(int64_t row, int64_t group, float& step, float& offset) const {
    step = load_weight(scale, scale_dtype, row * scale_stride + group);
    offset = -step;
  }
  void factor_lanes(int64_t row, int64_t group, F32x16& step, F32x16& offset) const {
    step = load_weight_lanes(scale, scale_dtype, row * scale_stride + group);
    offset = -step;
  }
  void decode(int64_t row, int32_t begin, int32_t count, float* target) const {
    uint8_t unpacked[DECODE_COLUMNS + 8];
    const int64_t at = row * trit_row_bytes(columns, packing) + begin / trits_per_byte(packing);
    unpack_trits(digits + at, count, packing, unpacked);
    each_group(begin, count, group_size, [&](int32_t group, int32_t from, int32_t to) {
      const float step = load_weight(scale, scale_dtype, row * scale_stride + group);
      for (int32_t i = from; i < to; i++) target[i] = step * (float)((int32_t)unpacked[i] - 1);
    });
  }
};

void ternary_multiply(int32_t row_begin, int32_t row_end, const void* digits, int32_t rows, int32_t columns,
                      int32_t packing, int32_t group_size, int32_t shared_scale, const void* scale,
                      int32_t scale_dtype, const float* x, const void* planes, const float* x_sums,
                      const float* x_scale, const float* panels, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const uint8_t* packed = (const uint8_t*)digits;
  const TernaryRows term = {columns, packing, group_size, scale_dtype, shared_scale ? 0 : groups, packed, scale};
  const FloatTokens in = {x, (const float*)planes, x_sums, panels, tokens, columns, groups};
  if (planes == nullptr) return multiply_decoded(term, row_begin, row_end, rows, in, y);
  const DigitTokens fixed = {(const int8_t*)planes, x_scale, x_sums, tokens, columns, groups};
  const int64_t row_bytes = trit_row_bytes(columns, packing), group_bytes = groups == 1 ? row_bytes : group_size / 4;
  multiply_digits<2>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, fixed, y);
}

// A function of its own: what a lambda captures by reference would be read again for every element.
static inline void choose_levels(const uint8_t* bits, int32_t count, float low, float high, float* target) {
  for (int32_t i = 0; i < count; i++) target[i] = bits[i] ? high : low;
}

struct SignRows {
  int32_t columns, group_size, zones, scale_dtype;
  int64_t scale_stride;
  const uint8_t* signs;
  const void *scale, *mean, *column_scale;  // mean and column_scale: null for none
  const uint8_t* zone_map;                  // null for one zone

  // Only for one zone and no column scale.
  void factors(int64_t row, int64_t group, float& step, float& offset) const {
    const int64_t at = row * scale_stride + group;
    const float magnitude = load_weight(scale, scale_dtype, at);
    step = 2 * magnitude;
    offset = (mean ? load_weight(mean, scale_dtype, at) : 0.0f) - magnitude;
  }
  void factor_lanes(int64_t row, int64_t group, F32x16& step, F32x16& offset) const {
    const int64_t at = row * scale_stride + group;
    const F32x16 magnitude = load_weight_lanes(scale, scale_dtype, at);
    step = 2 * magnitude;
    offset = (mean ? load_weight_lanes(mean, scale_dtype, at) : F32x16{}) - magnitude;
  }
  void decode(int64_t row, int32_t begin, int32_t count, float* target) const {
    uint8_t bits[DECODE_COLUMNS], zone[DECODE_COLUMNS];
    unpack_codes(signs + row * packed_byte_length(columns, 1) + begin / 8, 1, count, bits);
    if (zone_map) {
      const int32_t zone_bits = zones > 2 ? 2 : 1;
      unpack_codes(zone_map + row * packed_byte_length(columns, zone_bits) + begin * zone_bits / 8, zone_bits, count,
                   zone);
    } else if (column_scale) {
      __builtin_memset(zone, 0, (unsigned long)count);
    }
    each_group(begin, count, group_size, [&](int32_t group, int32_t from, int32_t to) {
      float magnitude[4] = {}, middle[4] = {};
      for (int32_t z = 0; z < zones; z++) {
        const int64_t at = row * scale_stride + (int64_t)group * zones + z;
        magnitude[z] = load_weight(scale, scale_dtype, at);
        if (mean) middle[z] = load_weight(mean, scale_dtype, at);
      }
      // A number beyond the last zone is the last.
      if (zones == 3) magnitude[3] = magnitude[2], middle[3] = middle[2];
      if (!zone_map && !column_scale) {
        const float low = middle[0] - magnitude[0], high = middle[0] + magnitude[0];
        return choose_levels(bits + from, to - from, low, high, target + from);
      }
      for (int32_t i = from; i < to; i++) {
        float value = magnitude[zone[i]];
        if (column_scale) value *= load_weight(column_scale, scale_dtype, begin + i);
        target[i] = (bits[i] ? value : -value) + middle[zone[i]];
      }
    });
  }
};

void sign_multiply(int32_t row_begin, int32_t row_end, const void* signs, int32_t rows, int32_t columns,
                   int32_t group_size, int32_t shared_scale, int32_t zones, const void* scale, int32_t scale_dtype,
                   const void* mean, const void* column_scale, const void* zone_map, const float* x,
                   const void* planes, const float* x_sums, const float* x_scale, const float* panels, int32_t tokens,
                   float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const uint8_t* packed = (const uint8_t*)signs;
  const SignRows term = {columns, group_size, zones,        scale_dtype,
                         shared_scale ? 0 : (int64_t)groups * zones,
                         packed,  scale,      mean,         column_scale, (const uint8_t*)zone_map};
  const FloatTokens in = {x, (const float*)planes, x_sums, panels, tokens, columns, groups};
  if (planes == nullptr) return multiply_decoded(term, row_begin, row_end, rows, in, y);
  const DigitTokens fixed = {(const int8_t*)planes, x_scale, x_sums, tokens, columns, groups};
  const int64_t row_bytes = packed_byte_length(columns, 1), group_bytes = groups == 1 ? row_bytes : group_size / 8;
  multiply_digits<1>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, fixed, y);
}

struct CodebookRows {
  int32_t columns, bits, group_size, scale_dtype;
  int64_t scale_stride;
  const uint8_t* codes;
  const void *scale, *table;

  void decode(int64_t row, int32_t begin, int32_t count, float* target) const {
    uint8_t unpacked[DECODE_COLUMNS];
    unpack_codes(codes + row * packed_byte_length(columns, bits) + (int64_t)begin * bits / 8, bits, count, unpacked);
    each_group(begin, count, group_size, [&](int32_t group, int32_t from, int32_t to) {
      const float step = load_weight(scale, scale_dtype, row * scale_stride + group);
      int32_t i = from;
#if defined(__AVX512BW__)
      if (bits == 4) {  // the table is one register
        const __m512 values = _mm512_loadu_ps(table);
        for (; i + REGISTER_FLOATS <= to; i += REGISTER_FLOATS) {
          const FloatRegister v =
              (FloatRegister)_mm512_permutexvar_ps((__m512i)widen_bytes(unpacked + i), values) * splat_register(step);
          __builtin_memcpy(target + i, &v, sizeof v);
        }
      }
#endif
      for (; i < to; i++) target[i] = step * load_weight(table, SCALE_F32, unpacked[i]);
    });
  }
};

void codebook_multiply(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                       int32_t bits, int32_t group_size, int32_t shared_scale, const void* scale, int32_t scale_dtype,
                       const void* table, const float* x, const float* panels, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const CodebookRows term = {columns, bits,  group_size, scale_dtype, shared_scale ? 0 : groups, (const uint8_t*)codes,
                             scale,   table};
  multiply_decoded(term, row_begin, row_end, rows, {x, nullptr, nullptr, panels, tokens, columns, groups}, y);
}

// Up to here memory is the limit, and two passes over the weights cost less than decoded copies.
constexpr int32_t DENSE_TOKENS = 3;

struct DenseRows {
  int32_t columns, dtype;
  const void* values;

  void decode(int64_t row, int32_t begin, int32_t count, float* target) const {
    const int64_t first = row * columns + begin;
    int32_t i = 0;
    for (; i + LANES <= count; i += LANES) store(target + i, load_weight_lanes(values, dtype, first + i));
    for (; i < count; i++) target[i] = load_weight(values, dtype, first + i);
  }
};

void dense_multiply(int32_t row_begin, int32_t row_end, const void* values, int32_t rows, int32_t columns,
                    int32_t dtype, const float* x, const float* panels, int32_t tokens, float* y) {
  if (panels == nullptr && tokens <= DENSE_TOKENS) {
    if (dtype == SCALE_F32)
      return multiply_dense_tokens<SCALE_F32>(values, row_begin, row_end, rows, columns, x, tokens, y);
    if (dtype == SCALE_BF16)
      return multiply_dense_tokens<SCALE_BF16>(values, row_begin, row_end, rows, columns, x, tokens, y);
    return multiply_dense_tokens<SCALE_F16>(values, row_begin, row_end, rows, columns, x, tokens, y);
  }
  const DenseRows term = {columns, dtype, values};
  multiply_decoded(term, row_begin, row_end, rows, {x, nullptr, nullptr, panels, tokens, columns, 1}, y);
}

void sparse_multiply(int32_t row_begin, int32_t row_end, const void* row_starts, const void* column_indices,
                     int32_t wide_indices, const void* values, int32_t dtype, int32_t rows, int32_t columns,
                     const float* x, int32_t tokens, float* y) {
  for (int64_t row = row_begin; row < row_end; row++) {
    uint32_t span[2];
    __builtin_memcpy(span, (const uint8_t*)row_starts + 4 * row, sizeof span);
    for (int64_t at = span[0]; at < span[1]; at++) {
      uint32_t column = 0;
      __builtin_memcpy(&column, (const uint8_t*)column_indices + at * (wide_indices ? 4 : 2), wide_indices ? 4 : 2);
      const float value = load_weight(values, dtype, at);
      for (int64_t token = 0; token < tokens; token++)
        y[token * rows + row] += value * x[token * columns + column];
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

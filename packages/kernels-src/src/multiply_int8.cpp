// affine_multiply_int8, ternary_multiply_int8, sign_multiply_int8. The float steps are those of
// packages/core/src/backend/reference/*-multiply-int8.ts, in the same order.
#include "int8_rows.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

static inline F32x16 to_floats(I32x16 v) { return __builtin_convertvector(v, F32x16); }

// Of neighbouring rows that have one scale each, or one together.
static inline F32x16 row_scales(const void* array, int32_t dtype, int64_t stride, int64_t row, int count) {
  return stride == 0 ? splat(load_scale(array, dtype, 0)) : load_scale_lanes(array, dtype, row, count);
}

struct AffineGroups {
  int32_t zero_kind, bits, scale_dtype;
  int64_t scale_stride, groups;
  const void* scale;
  const uint8_t* zero;

  const uint8_t* zero_row(int64_t row) const {
    return scale_stride == 0 ? zero : zero + row * packed_byte_length((int32_t)groups, bits);
  }
  // scales(array): sixteen elements of it; points(): zero points of the same groups.
  template <typename Scales, typename Points>
  F32x16 shifted(const Scales& scales, const Points& points, I32x16 products, I32x16 activations) const {
    const F32x16 step = scales(scale);
    switch (zero_kind) {
      case ZERO_MIDPOINT:
        return step * to_floats(products - activations * (1 << (bits - 1)));
      case ZERO_INTEGER:
        return step * to_floats(products - points() * activations);
      case ZERO_FLOAT:
        return step * (to_floats(products) - scales(zero) * to_floats(activations));
      default:
        return step * to_floats(products) + scales(zero) * to_floats(activations);
    }
  }
  F32x16 scaled(int64_t row, int64_t group, int count, I32x16 products, I32x16 activations) const {
    const auto scales = [&](const void* array) {
      return load_scale_lanes(array, scale_dtype, row * scale_stride + group, count);
    };
    const auto points = [&] {
      I32x16 v = {};
      for (int i = 0; i < count; i++) v[i] = (int32_t)read_code(zero_row(row), bits, (int32_t)group + i);
      return v;
    };
    return shifted(scales, points, products, activations);
  }
  F32x16 scaled_rows(int64_t row, int count, I32x16 products, int32_t activation) const {
    const auto scales = [&](const void* array) { return row_scales(array, scale_dtype, scale_stride, row, count); };
    const auto points = [&] {
      I32x16 v = {};
      for (int i = 0; i < count; i++) v[i] = (int32_t)read_code(zero_row(row + i), bits, 0);
      return v;
    };
    return shifted(scales, points, products, activation - I32x16{});
  }
  float scaled_one(int64_t row, int32_t product, int32_t activation) const {
    const int64_t at = row * scale_stride;
    const float step = load_scale(scale, scale_dtype, at);
    switch (zero_kind) {
      case ZERO_MIDPOINT:
        return step * (float)(product - activation * (1 << (bits - 1)));
      case ZERO_INTEGER:
        return step * (float)(product - (int32_t)read_code(zero_row(row), bits, 0) * activation);
      case ZERO_FLOAT:
        return step * ((float)product - load_scale(zero, scale_dtype, at) * (float)activation);
      default:
        return step * (float)product + load_scale(zero, scale_dtype, at) * (float)activation;
    }
  }
};

void affine_multiply_int8(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                          int32_t bits, int32_t group_size, int32_t shared_scale, int32_t zero_kind, const void* scale,
                          int32_t scale_dtype, const void* zero, const int8_t* x, const int8_t* planes,
                          const int32_t* x_sums, const float* x_scale, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const AffineGroups term = {zero_kind, bits,  scale_dtype, shared_scale ? 0 : groups, groups, scale,
                             (const uint8_t*)zero};
  const Int8Tokens in = {x, planes, x_sums, x_scale, tokens, columns, groups};
  const uint8_t* packed = (const uint8_t*)codes;
  const int64_t row_bytes = packed_byte_length(columns, bits);
  if (planes == nullptr) {
    const auto unpack = [bits](const uint8_t* row, int32_t begin, int32_t count, uint8_t* target) {
      unpack_codes(row + (int64_t)begin * bits / 8, bits, count, target);
    };
    return multiply_unpacked(term, row_begin, row_end, rows, packed, row_bytes, group_size, in, unpack, y);
  }
  const int64_t group_bytes = groups == 1 ? row_bytes : (int64_t)group_size * bits / 8;
  if (bits == 1) multiply_planar<1>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
  if (bits == 2) multiply_planar<2>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
  if (bits == 4) multiply_planar<4>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
  if (bits == 8) multiply_planar<8>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
}

struct TernaryGroups {
  int32_t scale_dtype;
  int64_t scale_stride;
  const void* scale;

  F32x16 scaled(int64_t row, int64_t group, int count, I32x16 products, I32x16 activations) const {
    return load_scale_lanes(scale, scale_dtype, row * scale_stride + group, count) * to_floats(products - activations);
  }
  F32x16 scaled_rows(int64_t row, int count, I32x16 products, int32_t activation) const {
    return row_scales(scale, scale_dtype, scale_stride, row, count) * to_floats(products - activation);
  }
  float scaled_one(int64_t row, int32_t product, int32_t activation) const {
    return load_scale(scale, scale_dtype, row * scale_stride) * (float)(product - activation);
  }
};

void ternary_multiply_int8(int32_t row_begin, int32_t row_end, const void* digits, int32_t rows, int32_t columns,
                           int32_t packing, int32_t group_size, int32_t shared_scale, const void* scale,
                           int32_t scale_dtype, const int8_t* x, const int8_t* planes, const int32_t* x_sums,
                           const float* x_scale, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const TernaryGroups term = {scale_dtype, shared_scale ? 0 : groups, scale};
  const Int8Tokens in = {x, planes, x_sums, x_scale, tokens, columns, groups};
  const uint8_t* packed = (const uint8_t*)digits;
  const int64_t row_bytes = trit_row_bytes(columns, packing);
  if (planes == nullptr) {
    const auto unpack = [packing](const uint8_t* row, int32_t begin, int32_t count, uint8_t* target) {
      unpack_trits(row + begin / trits_per_byte(packing), count, packing, target);
    };
    return multiply_unpacked(term, row_begin, row_end, rows, packed, row_bytes, group_size, in, unpack, y);
  }
  const int64_t group_bytes = groups == 1 ? row_bytes : group_size / 4;
  multiply_planar<2>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
}

struct SignGroups {
  int32_t scale_dtype;
  int64_t scale_stride;
  const void* scale;
  const void* mean;  // null: none

  // A sum over bits 0, 1 is turned into one over −1, +1 by 2·products − activations.
  F32x16 scaled(int64_t row, int64_t group, int count, I32x16 products, I32x16 activations) const {
    const int64_t at = row * scale_stride + group;
    const F32x16 signs = load_scale_lanes(scale, scale_dtype, at, count) * to_floats(products * 2 - activations);
    return mean ? signs + load_scale_lanes(mean, scale_dtype, at, count) * to_floats(activations) : signs;
  }
  F32x16 scaled_rows(int64_t row, int count, I32x16 products, int32_t activation) const {
    const F32x16 signs =
        row_scales(scale, scale_dtype, scale_stride, row, count) * to_floats(products * 2 - activation);
    return mean ? signs + row_scales(mean, scale_dtype, scale_stride, row, count) * splat((float)activation) : signs;
  }
  float scaled_one(int64_t row, int32_t product, int32_t activation) const {
    const int64_t at = row * scale_stride;
    const float signs = load_scale(scale, scale_dtype, at) * (float)(product * 2 - activation);
    return mean ? signs + load_scale(mean, scale_dtype, at) * (float)activation : signs;
  }
};

// Zones: every (group, zone) is one group of the sum, in the order of the scale array.
static void multiply_zones(const SignGroups& term, int32_t row_begin, int32_t row_end, int32_t rows, int32_t columns,
                           int32_t group_size, int32_t zones, const uint8_t* signs, const uint8_t* zone_map,
                           const Int8Tokens& in, float* y) {
  const int32_t zone_bits = zones > 2 ? 2 : 1;
  const int64_t sign_bytes = packed_byte_length(columns, 1), zone_bytes = packed_byte_length(columns, zone_bits);
  for (int64_t row = row_begin; row < row_end; row++)
    for (int32_t token = 0; token < in.tokens; token++) {
      const int8_t* x = in.x + (int64_t)token * columns;
      const uint8_t* sign_row = signs + row * sign_bytes;
      const uint8_t* zone_row = zone_map + row * zone_bytes;
      F32x16 partial = {};
      I32x16 products = {}, activations = {};
      const int32_t slots = in.groups * zones;
      int32_t first = 0;
      for (int32_t slot = 0; slot < slots; slot++) {
        const int32_t zone = slot % zones, begin = slot / zones * group_size;
        const int32_t end = columns - begin > group_size ? begin + group_size : columns;
        int32_t product = 0, activation = 0;
        for (int32_t i = begin; i < end; i++) {
          const int32_t found = (int32_t)read_code(zone_row, zone_bits, i);
          // A number beyond the last zone is the last.
          if ((found < zones ? found : zones - 1) != zone) continue;
          product += (int32_t)read_code(sign_row, 1, i) * x[i];
          activation += x[i];
        }
        products[slot - first] = product;
        activations[slot - first] = activation;
        if (slot - first == LANES - 1 || slot == slots - 1) {
          partial += term.scaled(row, first, slot - first + 1, products, activations);
          products = activations = I32x16{};
          first = slot + 1;
        }
      }
      y[(int64_t)token * rows + row] += in.scale[token] * tree_sum(partial);
    }
}

void sign_multiply_int8(int32_t row_begin, int32_t row_end, const void* signs, int32_t rows, int32_t columns,
                        int32_t group_size, int32_t shared_scale, int32_t zones, const void* scale,
                        int32_t scale_dtype, const void* mean, const void* zone_map, const int8_t* x,
                        const int8_t* planes, const int32_t* x_sums, const float* x_scale, int32_t tokens, float* y) {
  const int32_t groups = (columns - 1) / group_size + 1;
  const SignGroups term = {scale_dtype, shared_scale ? 0 : (int64_t)groups * zones, scale, mean};
  const Int8Tokens in = {x, planes, x_sums, x_scale, tokens, columns, groups};
  const uint8_t* packed = (const uint8_t*)signs;
  if (zones > 1)
    return multiply_zones(term, row_begin, row_end, rows, columns, group_size, zones, packed,
                          (const uint8_t*)zone_map, in, y);
  const int64_t row_bytes = packed_byte_length(columns, 1);
  if (planes == nullptr) {
    const auto unpack = [](const uint8_t* row, int32_t begin, int32_t count, uint8_t* target) {
      unpack_codes(row + begin / 8, 1, count, target);
    };
    return multiply_unpacked(term, row_begin, row_end, rows, packed, row_bytes, group_size, in, unpack, y);
  }
  const int64_t group_bytes = groups == 1 ? row_bytes : group_size / 8;
  multiply_planar<1>(term, row_begin, row_end, rows, packed, row_bytes, group_bytes, in, y);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Storage dtype to f32, and a count of what is not finite.
#include "half.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

struct Span {
  int64_t begin, end;
};

inline Span span_of(int32_t row_begin, int32_t row_end, int32_t count) {
  const int64_t end = (int64_t)row_end * LOWBIT_DTYPE_SPAN;
  return {(int64_t)row_begin * LOWBIT_DTYPE_SPAN, end < count ? end : count};
}

// −1 in the lanes that are NaN or infinite.
inline I32x16 not_finite(F32x16 v) { return (I32x16)(((U32x16)v & 0x7f800000u) == U32x16{} + 0x7f800000u); }

inline int32_t lane_total(I32x16 counts) {
  int32_t total = 0;
  for (int i = 0; i < LANES; i++) total += counts[i];
  return total;
}

// `decode` turns sixteen elements of `width` bytes into f32; the last ones go through a padded copy.
template <typename Decode>
inline int32_t decode_span(Span span, const void* source, float* target, int width, Decode decode) {
  const uint8_t* bytes = (const uint8_t*)source;
  I32x16 bad = {};
  int64_t i = span.begin;
  for (; i + LANES <= span.end; i += LANES) {
    const F32x16 v = decode(bytes + i * width);
    store(target + i, v);
    bad -= not_finite(v);
  }
  if (i < span.end) {
    uint8_t rest[LANES * 8] = {};
    __builtin_memcpy(rest, bytes + i * width, (uint32_t)((span.end - i) * width));
    const F32x16 v = decode(rest);
    store_part(target + i, v, (int)(span.end - i));
    bad -= not_finite(v);  // the padding is 0, hence finite
  }
  return lane_total(bad);
}

}  // namespace

int32_t decode_f16(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count) {
  return decode_span(span_of(row_begin, row_end, count), source, target, 2,
                     [](const uint8_t* from) { return decode_f16_lanes(load_u16(from)); });
}

int32_t decode_bf16(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count) {
  return decode_span(span_of(row_begin, row_end, count), source, target, 2,
                     [](const uint8_t* from) { return decode_bf16_lanes(load_u16(from)); });
}

int32_t decode_f32(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count) {
  return decode_span(span_of(row_begin, row_end, count), source, target, 4,
                     [](const uint8_t* from) { return load((const float*)from); });
}

int32_t decode_f64(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count) {
  return decode_span(span_of(row_begin, row_end, count), source, target, 8, [](const uint8_t* from) {
    F64x16 v;
    __builtin_memcpy(&v, from, sizeof v);
    return __builtin_convertvector(v, F32x16);
  });
}

int32_t decode_table(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count, int32_t bits,
                     const float* table) {
  const Span span = span_of(row_begin, row_end, count);
  const uint8_t* bytes = (const uint8_t*)source;
  const uint32_t mask = (1u << bits) - 1;
  int32_t bad = 0;
  for (int64_t i = span.begin; i < span.end; i++) {
    const int64_t bit = i * bits;
    const int shift = (int)(bit & 7);
    uint32_t code = bytes[bit >> 3] >> shift;
    if (shift + bits > 8) code |= (uint32_t)bytes[(bit >> 3) + 1] << (8 - shift);
    const float value = table[code & mask];
    target[i] = value;
    bad += (bits_of_float(value) & 0x7f800000u) == 0x7f800000u;
  }
  return bad;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

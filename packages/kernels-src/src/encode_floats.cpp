// f32 to storage dtype, half to even.
#include "half.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// `encode` writes sixteen elements of `width` bytes; the last ones go through a padded copy.
template <typename Encode>
inline void encode_span(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count, int width,
                        Encode encode) {
  uint8_t* bytes = (uint8_t*)target;
  const int64_t last = (int64_t)row_end * LOWBIT_DTYPE_SPAN;
  const int64_t end = last < count ? last : count;
  int64_t i = (int64_t)row_begin * LOWBIT_DTYPE_SPAN;
  for (; i + LANES <= end; i += LANES) encode(bytes + i * width, load(source + i));
  if (i < end) {
    uint8_t rest[LANES * 8];
    encode(rest, load_part(source + i, (int)(end - i), 0.0f));
    __builtin_memcpy(bytes + i * width, rest, (uint32_t)((end - i) * width));
  }
}

}  // namespace

void encode_f16(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count) {
  encode_span(row_begin, row_end, source, target, count, 2,
              [](uint8_t* to, F32x16 v) { store_u16(to, encode_f16_lanes(v)); });
}

void encode_bf16(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count) {
  encode_span(row_begin, row_end, source, target, count, 2,
              [](uint8_t* to, F32x16 v) { store_u16(to, encode_bf16_lanes(v)); });
}

void encode_f32(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count) {
  encode_span(row_begin, row_end, source, target, count, 4, [](uint8_t* to, F32x16 v) { store((float*)to, v); });
}

void encode_f64(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count) {
  encode_span(row_begin, row_end, source, target, count, 8, [](uint8_t* to, F32x16 v) {
    const F64x16 wide = __builtin_convertvector(v, F64x16);
    __builtin_memcpy(to, &wide, sizeof wide);
  });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

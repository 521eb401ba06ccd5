// target += scale · (digit − 1) (packages/core/src/terms/ternary.ts).
#include "bitpack.h"
#include "scales.h"
#include "trits.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Digits unpacked at a time: whole bytes of both packings (5 and 4 digits) and whole strides of unpack_codes (64).
constexpr int32_t TERNARY_CHUNK = 640;

void ternary_decode(int32_t row_begin, int32_t row_end, const uint8_t* digits, const void* scale, int32_t columns,
                    int32_t group_size, int32_t one_scale, int32_t packing, int32_t scale_dtype, float* target) {
  const int32_t groups = (int32_t)(((int64_t)columns + group_size - 1) / group_size);
  const int64_t row_bytes = trit_row_bytes(columns, packing);
  uint8_t chunk[TERNARY_CHUNK + 8];
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t scale_row = one_scale ? 0 : row;
    float* out = target + (int64_t)row * columns;
    for (int32_t begin = 0; begin < columns; begin += TERNARY_CHUNK) {
      const int32_t end = columns - begin < TERNARY_CHUNK ? columns : begin + TERNARY_CHUNK;
      const uint8_t* packed = digits + row * row_bytes + begin / trits_per_byte(packing);
      // Two-bit digits lie as two-bit codes do, whose unpacking takes 64 at a time.
      if (packing == TRITS_TWO_BIT)
        unpack_codes(packed, 2, end - begin, chunk);
      else
        unpack_trits(packed, end - begin, packing, chunk);
      for (int32_t at = begin; at < end;) {
        const int32_t group = at / group_size;
        const int64_t group_end = ((int64_t)group + 1) * group_size;
        const int32_t count = (int32_t)(group_end < end ? group_end : end) - at;
        const float s = load_scale(scale, scale_dtype, scale_row * groups + group);
        const F32x16 scales = splat(s);
        const uint8_t* from = chunk + (at - begin);
        int32_t i = 0;
        for (; i + LANES <= count; i += LANES) {
          const F32x16 trit = __builtin_convertvector(load_bytes(from + i) - 1, F32x16);
          store(out + at + i, load(out + at + i) + scales * trit);
        }
        for (; i < count; i++) out[at + i] += s * (float)((int32_t)from[i] - 1);
        at += count;
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// target += scale · table[code] (packages/core/src/terms/codebook.ts).
#include "bitpack.h"
#include "scales.h"
#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int32_t CODEBOOK_CHUNK = 512;

// table[code] for sixteen codes; a table of up to sixteen values fits one AVX-512 register.
static inline F32x16 look_up(const float* table, const uint8_t* codes, int32_t bits) {
#if defined(__AVX512F__)
  if (bits <= 4) return (F32x16)_mm512_permutexvar_ps((__m512i)load_bytes(codes), (__m512)load(table));
#endif
  (void)bits;
  float values[LANES];
  for (int i = 0; i < LANES; i++) values[i] = table[codes[i]];
  return load(values);
}

void codebook_decode(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* table,
                     int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype,
                     float* target) {
  const int32_t groups = (int32_t)(((int64_t)columns + group_size - 1) / group_size);
  const int64_t row_bytes = packed_byte_length(columns, bits);
  float values[256] = {};
  __builtin_memcpy(values, table, sizeof(float) << bits);
  uint8_t chunk[CODEBOOK_CHUNK];
  for (int32_t row = row_begin; row < row_end; row++) {
    const int64_t scale_row = one_scale ? 0 : row;
    float* out = target + (int64_t)row * columns;
    for (int32_t begin = 0; begin < columns; begin += CODEBOOK_CHUNK) {
      const int32_t end = columns - begin < CODEBOOK_CHUNK ? columns : begin + CODEBOOK_CHUNK;
      unpack_codes(codes + row * row_bytes + (int64_t)begin * bits / 8, bits, end - begin, chunk);
      for (int32_t at = begin; at < end;) {
        const int32_t group = at / group_size;
        const int64_t group_end = ((int64_t)group + 1) * group_size;
        const int32_t count = (int32_t)(group_end < end ? group_end : end) - at;
        const float s = load_scale(scale, scale_dtype, scale_row * groups + group);
        const F32x16 scales = splat(s);
        const uint8_t* from = chunk + (at - begin);
        int32_t i = 0;
        for (; i + LANES <= count; i += LANES)
          store(out + at + i, load(out + at + i) + scales * look_up(values, from + i, bits));
        for (; i < count; i++) out[at + i] += s * values[from[i]];
        at += count;
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

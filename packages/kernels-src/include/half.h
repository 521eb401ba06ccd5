// F16 and BF16 ↔ f32, half to even: sixteen lanes and one value. Integer arithmetic and normal f32 only, so that no
// instruction set meets a subnormal product (27 times slower in WASM). Every NaN encodes to the canonical quiet NaN.
#pragma once

#include "lanes.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace lowbit {
namespace LOWBIT_ISA {

typedef uint16_t U16x16 __attribute__((vector_size(32)));

static inline U16x16 load_u16(const void* from) {
  U16x16 v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
static inline void store_u16(void* to, U16x16 v) { __builtin_memcpy(to, &v, sizeof v); }

// The bits of `yes` where the lane of `mask` is −1, of `no` where it is 0.
static inline U32x16 select_bits(I32x16 mask, U32x16 yes, U32x16 no) {
  return ((U32x16)mask & yes) | (~(U32x16)mask & no);
}

static inline F32x16 decode_bf16_lanes(U16x16 half) { return (F32x16)(__builtin_convertvector(half, U32x16) << 16); }

static inline F32x16 decode_f16_lanes(U16x16 half) {
#if defined(__AVX512F__)
  return (F32x16)_mm512_cvtph_ps((__m256i)half);
#elif defined(__F16C__)
  const __m256 low = _mm256_cvtph_ps(_mm256_castsi256_si128((__m256i)half));
  const __m256 high = _mm256_cvtph_ps(_mm256_extracti128_si256((__m256i)half, 1));
  F32x16 lanes;
  __builtin_memcpy(&lanes, &low, sizeof low);
  __builtin_memcpy((char*)&lanes + sizeof low, &high, sizeof high);
  return lanes;
#else
  const U32x16 wide = __builtin_convertvector(half, U32x16);
  const U32x16 sign = (wide & 0x8000u) << 16;
  const U32x16 magnitude = (wide & 0x7fffu) << 13;  // exponent field still has bias 15
  const U32x16 exponent = magnitude & (0x7c00u << 13);
  const U32x16 normal = magnitude + (112u << 23);
  const U32x16 infinite_or_nan = magnitude + (224u << 23);
  // Subnormal: 2^−14 · (1 + m) − 2^−14, exact.
  const U32x16 smallest_normal = U32x16{} + (113u << 23);
  const U32x16 subnormal = (U32x16)((F32x16)(magnitude + (113u << 23)) - (F32x16)smallest_normal);
  U32x16 bits = select_bits((I32x16)(exponent == U32x16{} + (0x7c00u << 13)), infinite_or_nan, normal);
  bits = select_bits((I32x16)(exponent == U32x16{}), subnormal, bits);
  return (F32x16)(bits | sign);
#endif
}

static inline U16x16 encode_bf16_lanes(F32x16 value) {
  const U32x16 bits = (U32x16)value;
  const U32x16 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const I32x16 is_nan = (I32x16)((bits & 0x7fffffffu) > 0x7f800000u);
  return __builtin_convertvector(select_bits(is_nan, U32x16{} + 0x7fc0u, rounded), U16x16);
}

static inline U16x16 encode_f16_lanes(F32x16 value) {
  const U32x16 bits = (U32x16)value;
  const U32x16 magnitude = bits & 0x7fffffffu;
  const U32x16 sign = (bits >> 16) & 0x8000u;
  // Normal results: rebias the exponent and round the 13 bits that go, in one addition. 65520 and more carry to infinity.
  const U32x16 normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  // Below 2^−14: adding 0.5 leaves multiples of 2^−24 in the low bits, rounded by the addition itself.
  const F32x16 half = splat(0.5f);
  const U32x16 subnormal = (U32x16)((F32x16)magnitude + half) - (U32x16)half;
  U32x16 result = select_bits((I32x16)(magnitude < (113u << 23)), subnormal, normal);
  result = select_bits((I32x16)(magnitude >= (143u << 23)), U32x16{} + 0x7c00u, result) | sign;
  result = select_bits((I32x16)(magnitude > 0x7f800000u), U32x16{} + 0x7e00u, result);
  return __builtin_convertvector(result, U16x16);
}

static inline float float_of_bits(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
static inline uint32_t bits_of_float(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float decode_bf16_value(uint16_t half) { return float_of_bits((uint32_t)half << 16); }

static inline float decode_f16_value(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t magnitude = (half & 0x7fffu) << 13;
  const uint32_t exponent = magnitude & (0x7c00u << 13);
  uint32_t bits = magnitude + (112u << 23);
  if (exponent == 0x7c00u << 13) bits = magnitude + (224u << 23);
  if (exponent == 0) bits = bits_of_float(float_of_bits(magnitude + (113u << 23)) - float_of_bits(113u << 23));
  return float_of_bits(bits | sign);
}

static inline uint16_t encode_bf16_value(float value) {
  const uint32_t bits = bits_of_float(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline uint16_t encode_f16_value(float value) {
  const uint32_t bits = bits_of_float(value);
  const uint32_t magnitude = bits & 0x7fffffffu;
  const uint32_t sign = (bits >> 16) & 0x8000u;
  if (magnitude > 0x7f800000u) return 0x7e00;
  if (magnitude >= 143u << 23) return (uint16_t)(0x7c00u | sign);
  if (magnitude < 113u << 23)
    return (uint16_t)((bits_of_float(float_of_bits(magnitude) + 0.5f) - bits_of_float(0.5f)) | sign);
  return (uint16_t)(((magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13) | sign);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

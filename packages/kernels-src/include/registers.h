// Native-width registers for products. The additions of a product may come in any order (docs/numerics.md, rule 9), so
// these kernels use the register of the instruction set and may fuse; fits and decodes use lanes.h.
#pragma once

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(LOWBIT_ISA_NEON)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#if defined(__AVX512BW__)
#define LOWBIT_REGISTER_BYTES 64
#elif defined(__AVX2__)
#define LOWBIT_REGISTER_BYTES 32
#else
#define LOWBIT_REGISTER_BYTES 16
#endif

// Loops over the registers of a tile, which must become registers and not an array in memory.
#define LOWBIT_UNROLL _Pragma("GCC unroll 8")
#define LOWBIT_NO_UNROLL _Pragma("GCC unroll 1")

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int REGISTER_BYTES = LOWBIT_REGISTER_BYTES;
constexpr int REGISTER_FLOATS = REGISTER_BYTES / 4;

typedef float FloatRegister __attribute__((vector_size(LOWBIT_REGISTER_BYTES)));
typedef int32_t IntRegister __attribute__((vector_size(LOWBIT_REGISTER_BYTES)));
typedef uint16_t HalfRegister __attribute__((vector_size(LOWBIT_REGISTER_BYTES)));
typedef uint8_t ByteRegister __attribute__((vector_size(LOWBIT_REGISTER_BYTES)));
typedef uint8_t QuarterBytes __attribute__((vector_size(LOWBIT_REGISTER_BYTES / 4)));

template <typename Register>
static inline Register load_register(const void* from) {
  Register v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

// The first `count` bytes, the others 0; reads nothing behind them.
static inline ByteRegister load_register_part(const uint8_t* from, int count) {
#if defined(__AVX512BW__)
  return (ByteRegister)_mm512_maskz_loadu_epi8((1ull << count) - 1, from);
#else
  uint8_t bytes[REGISTER_BYTES] = {};
  for (int i = 0; i < count; i++) bytes[i] = from[i];
  return load_register<ByteRegister>(bytes);
#endif
}

// REGISTER_FLOATS bytes, one a lane.
static inline IntRegister widen_bytes(const uint8_t* from) {
#if defined(__wasm_simd128__)
  return (IntRegister)wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(from)));
#else
  return __builtin_convertvector(load_register<QuarterBytes>(from), IntRegister);
#endif
}

static inline FloatRegister splat_register(float value) { return value - FloatRegister{}; }

// Integers 0 … 2^23 − 1 as floats.
static inline FloatRegister small_floats(IntRegister v) {
#if defined(__wasm__)
  // Clang takes the conversion of unsigned integers where it sees that none is negative; on x86 that is many instructions.
  return (FloatRegister)(v | 0x4b000000) - splat_register(8388608.0f);
#else
  return __builtin_convertvector(v, FloatRegister);
#endif
}

// a·b + c, fused where the instruction set has it.
static inline FloatRegister multiply_add(FloatRegister a, FloatRegister b, FloatRegister c) {
#if defined(__AVX512BW__)
  return (FloatRegister)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
  return (FloatRegister)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(LOWBIT_ISA_NEON)
  return (FloatRegister)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__wasm_relaxed_simd__)
  return (FloatRegister)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}

static inline float register_sum(FloatRegister v) {
#if defined(__AVX512BW__)
  return _mm512_reduce_add_ps((__m512)v);
#else
  float sum = 0;
  for (int i = 0; i < REGISTER_FLOATS; i++) sum += v[i];
  return sum;
#endif
}

static inline int32_t register_sum(IntRegister v) {
#if defined(__AVX512BW__)
  return _mm512_reduce_add_epi32((__m512i)v);
#else
  int32_t sum = 0;
  for (int i = 0; i < REGISTER_FLOATS; i++) sum += v[i];
  return sum;
#endif
}

// sum[i] + Σ of the four products codes·x that lie in the bytes of lane i; codes 0 … 127, x −127 … 127, exact:
// two products stay below 2^15 (127·127·2 = 32258), so paths that pass through int16 neither wrap nor saturate.
static inline IntRegister dot_bytes(IntRegister sum, ByteRegister codes, ByteRegister x) {
#if defined(__AVX512VNNI__)
  return (IntRegister)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, (__m512i)x);
#elif defined(__AVX512BW__)
  const __m512i pairs = _mm512_maddubs_epi16((__m512i)codes, (__m512i)x);
  return sum + (IntRegister)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
#elif defined(__AVX2__)
  const __m256i pairs = _mm256_maddubs_epi16((__m256i)codes, (__m256i)x);
  return sum + (IntRegister)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#elif defined(LOWBIT_ISA_NEON) && defined(__ARM_FEATURE_DOTPROD)
  return (IntRegister)vdotq_s32((int32x4_t)sum, (int8x16_t)codes, (int8x16_t)x);
#elif defined(LOWBIT_ISA_NEON)
  const int8x16_t a = (int8x16_t)codes, b = (int8x16_t)x;
  const int16x8_t pairs = vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), vget_high_s8(a), vget_high_s8(b));
  return (IntRegister)vpadalq_s16((int32x4_t)sum, pairs);
#elif defined(__wasm_relaxed_simd__)
  // Defined on every engine because codes have their highest bit clear.
  return (IntRegister)wasm_i32x4_relaxed_dot_i8x16_i7x16_add((v128_t)x, (v128_t)codes, (v128_t)sum);
#elif defined(__wasm_simd128__)
  const v128_t a = (v128_t)codes, b = (v128_t)x;
  const v128_t pairs = wasm_i16x8_add(wasm_i16x8_extmul_low_i8x16(a, b), wasm_i16x8_extmul_high_i8x16(a, b));
  return sum + (IntRegister)wasm_i32x4_extadd_pairwise_i16x8(pairs);
#else
  for (int i = 0; i < REGISTER_BYTES; i++) sum[i / 4] += codes[i] * (int8_t)x[i];
  return sum;
#endif
}

// The same for codes 0 … 255.
static inline IntRegister dot_all_codes(IntRegister sum, ByteRegister codes, ByteRegister x) {
#if defined(__AVX512VNNI__)
  return dot_bytes(sum, codes, x);
#else
  const ByteRegister high = (ByteRegister)((HalfRegister)codes >> 7) & (uint8_t)1;
  return dot_bytes(sum + (dot_bytes(IntRegister{}, high, x) << 7), codes & (uint8_t)127, x);
#endif
}

// Bits SHIFT … of every byte, as many as MASK has.
template <int SHIFT, int MASK>
static inline ByteRegister byte_field(ByteRegister v) {
  if (SHIFT == 0) return v & (uint8_t)MASK;
  return (ByteRegister)((HalfRegister)v >> SHIFT) & (uint8_t)MASK;
}

// Weights come from memory once: without a request ahead, the few cache lines in flight bound the speed.
static inline void prefetch(const void* from) {
#if !defined(__wasm__)
  __builtin_prefetch(from);
#else
  (void)from;
#endif
}

// WebAssembly has no prefetch instruction: reading one word a line ahead of use has the same effect. Reads nothing at or
// behind `end`.
static inline void touch_ahead(const uint8_t* from, const uint8_t* until, const uint8_t* end) {
#if defined(__wasm__)
  int32_t sum = 0;
  for (; from < until && from + 4 <= end; from += 64) {
    int32_t word;
    __builtin_memcpy(&word, from, sizeof word);
    sum += word;
  }
  __asm__ volatile("" : : "r"(sum));
#else
  (void)from;
  (void)until;
  (void)end;
#endif
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

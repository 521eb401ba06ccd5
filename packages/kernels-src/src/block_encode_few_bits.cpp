// Block types of 1 and 2 bits: TQ1_0, TQ2_0, Q2_0, Q1_0 (core/src/blocks, byte for byte: ggml's rules).
#include "block_batch.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// `worth` in every lane, plus or minus as roundf(v) is +1 or −1, for |v| <= 1.
inline I32x16 signed_worth(F32x16 v, int32_t worth) {
  const F32x16 half = splat(0.5f);
  return ((I32x16)(v >= half) & worth) - ((I32x16)(v <= -half) & worth);
}

// The scales of a batch (the largest magnitudes) into the blocks, and their inverses.
template <int SCALE_AT, int WEIGHTS, int BYTES>
inline void put_scales(const float* x, uint8_t* to, int count, float* factor) {
  const F32x16 d = largest_magnitudes<WEIGHTS>(x, count);
  const HalfLanes scales(d);
  for (int b = 0; b < count; b++) scales.put(to + b * BYTES + SCALE_AT, b);
  store(factor, finite_inverse(d));
}

// Five base-3 digits of a byte: q below 243 becomes ceil(256·q / 243) = q + ceil(13·q / 243). 135 / 2^15 is near enough to
// 1 / 243.
template <typename Integer>
inline Integer base3_byte(Integer q) {
  return q + ((q * 13 + 242) * 135 >> 15);
}

// Σ digit · 3^(4−n) of five digits that lie `stride` weights apart.
inline I32x16 five_digits(const float* x, int stride, F32x16 factor) {
  I32x16 q = I32x16{} + 121;
  int32_t worth = 81;
  for (int n = 0; n < 5; n++, worth /= 3) q += signed_worth(load(x + n * stride) * factor, worth);
  return q;
}

// Sixteen weights in four bytes: byte j has digits j, j + 4, j + 8, j + 12 and a fifth of 0.
inline uint32_t last_digits(const float* x, F32x16 factor) {
  const I32x16 digit = signed_worth(load(x) * factor, 1) + 1;
  int32_t digits[LANES];
  __builtin_memcpy(digits, &digit, sizeof digits);
  uint32_t bytes = 0;
  for (int j = 0; j < 4; j++) {
    const uint32_t q = 81 * digits[j] + 27 * digits[j + 4] + 9 * digits[j + 8] + 3 * digits[j + 12];
    bytes |= base3_byte(q) << (8 * j);
  }
  return bytes;
}

}  // namespace

void tq1_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 256, BYTES = 54, SCALE_AT = 52;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    float factors[BATCH];
    put_scales<SCALE_AT, WEIGHTS, BYTES>(x, to, count, factors);
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      const F32x16 factor = splat(factors[b]);
      store_bytes(to, base3_byte(five_digits(x, 32, factor)));
      store_bytes(to + 16, base3_byte(five_digits(x + 16, 32, factor)));
      store_bytes(to + 32, base3_byte(five_digits(x + 160, 16, factor)));
      const uint32_t last = last_digits(x + 240, factor);
      __builtin_memcpy(to + 48, &last, sizeof last);
    }
  });
}

void tq2_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 256, BYTES = 66, SCALE_AT = 64;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    float factors[BATCH];
    put_scales<SCALE_AT, WEIGHTS, BYTES>(x, to, count, factors);
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      const F32x16 factor = splat(factors[b]);
      for (int byte = 0; byte < 64; byte += LANES) {
        // Bytes 0 … 31 hold the first 128 weights, four of them 32 apart in each.
        const float* from = x + (byte & 32) * 4 + (byte & 16);
        I32x16 digits = I32x16{} + 0x55;
        for (int n = 0; n < 4; n++) digits += signed_worth(load(from + 32 * n) * factor, 1 << (2 * n));
        store_bytes(to + byte, digits);
      }
    }
  });
}

void q2_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 64, BYTES = 18;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    const F32x16 d = largest_magnitudes<WEIGHTS>(x, count);
    const HalfLanes scales(d);
    float factors[BATCH], step[BATCH];
    store(factors, finite_inverse(d));
    store(step, d);
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      scales.put(to, b);
      const F32x16 factor = splat(factors[b]);
      // Here the reference narrows infinities and NaN, which become code 0.
      const int32_t middle = factors[b] == 0.0f && step[b] != 0.0f ? 0 : 1;
      uint8_t codes[WEIGHTS];
      for (int i = 0; i < WEIGHTS; i += LANES) store_bytes(codes + i, signed_worth(load(x + i) * factor, 1) + middle);
      // Four codes of one byte as a word: see pack_trits in trits.h.
      U32x16 words;
      __builtin_memcpy(&words, codes, sizeof words);
      const uint32_t gather = (1u << 24) | (1u << 18) | (1u << 12) | (1u << 6);
      store_bytes(to + 2, (I32x16)((words * gather) >> 24));
    }
  });
}

void q1_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  constexpr int WEIGHTS = 128, BYTES = 18;
  for_batches<WEIGHTS, BYTES>(block_begin, block_end, values, blocks, [](const float* x, uint8_t* to, int count) {
    // The reference adds one magnitude after the other: the sums of all blocks side by side.
    F32x16 sums = {};
    for (int i = 0; i < WEIGHTS; i += LANES) {
      F32x16 columns[LANES];
      for (int b = 0; b < BATCH; b++) columns[b] = b < count ? absolute(load(x + b * WEIGHTS + i)) : F32x16{};
      transpose(columns);
      for (int lane = 0; lane < LANES; lane++) sums += columns[lane];
    }
    const HalfLanes scales(sums / splat(WEIGHTS));
    for (int b = 0; b < count; b++, x += WEIGHTS, to += BYTES) {
      scales.put(to, b);
      for (int i = 0; i < WEIGHTS; i += LANES) {
        const uint16_t bits = (uint16_t)mask_bits((I32x16)(load(x + i) >= F32x16{}));
        __builtin_memcpy(to + 2 + i / 8, &bits, sizeof bits);
      }
    }
  });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// What the bytes of a super-block of 256 weights say, and where each type keeps it: the twins of the formats in
// core/src/blocks (q2-k.ts … q6-k.ts, iq4-xs.ts).
#pragma once

#include <stdint.h>

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int SUPER_BLOCK = 256;

struct SuperBlock {
  uint16_t scale, minimum;  // f16
  int8_t sub_scales[16];
  uint8_t sub_minimums[16];
  uint8_t codes[SUPER_BLOCK];
};

static inline void write_f16(uint8_t* to, uint16_t bits) {
  to[0] = (uint8_t)bits;
  to[1] = (uint8_t)(bits >> 8);
}

// Two bits of every code, `SHIFT` up.
template <int SHIFT>
static inline void write_two_bit_planes(const uint8_t* codes, uint8_t* to) {
  for (int h = 0; h < 2; h++)
    for (int l = 0; l < 32; l++) {
      const uint8_t* c = codes + 128 * h + l;
      to[32 * h + l] = (uint8_t)((c[0] >> SHIFT & 3) | (c[32] >> SHIFT & 3) << 2 | (c[64] >> SHIFT & 3) << 4 |
                                 (c[96] >> SHIFT & 3) << 6);
    }
}

// The low nibbles: byte DISTANCE·p + l has those of codes 2·DISTANCE·p + l and DISTANCE further.
template <int DISTANCE>
static inline void write_nibble_pairs(const uint8_t* codes, uint8_t* to) {
  for (int p = 0; p < 128; p += DISTANCE)
    for (int l = 0; l < DISTANCE; l++)
      to[p + l] = (uint8_t)((codes[2 * p + l] & 15) | (codes[2 * p + DISTANCE + l] & 15) << 4);
}

// Bit `BIT` of code 32g + l as bit g of byte l.
template <int BIT>
static inline void write_high_bits(const uint8_t* codes, uint8_t* to) {
  for (int l = 0; l < 32; l++) {
    uint8_t byte = 0;
    for (int g = 0; g < 8; g++) byte = (uint8_t)(byte | (codes[32 * g + l] >> BIT & 1) << g);
    to[l] = byte;
  }
}

static inline void write_six_bit_pairs(const SuperBlock& b, uint8_t* to) {
  for (int k = 0; k < 4; k++) {
    const int s = b.sub_scales[k + 4], m = b.sub_minimums[k + 4];
    to[k] = (uint8_t)(b.sub_scales[k] | (s >> 4) << 6);
    to[4 + k] = (uint8_t)(b.sub_minimums[k] | (m >> 4) << 6);
    to[8 + k] = (uint8_t)((s & 15) | (m & 15) << 4);
  }
}

static inline void write_q2_k(const SuperBlock& b, uint8_t* to) {
  for (int k = 0; k < 16; k++) to[k] = (uint8_t)(b.sub_scales[k] | b.sub_minimums[k] << 4);
  write_two_bit_planes<0>(b.codes, to + 16);
  write_f16(to + 80, b.scale);
  write_f16(to + 82, b.minimum);
}

static inline void write_q3_k(const SuperBlock& b, uint8_t* to) {
  write_high_bits<2>(b.codes, to);
  write_two_bit_planes<0>(b.codes, to + 32);
  for (int k = 0; k < 12; k++) to[96 + k] = 0;
  for (int k = 0; k < 16; k++) {
    const int stored = b.sub_scales[k] + 32;
    to[96 + (k & 7)] = (uint8_t)(to[96 + (k & 7)] | (stored & 15) << (k < 8 ? 0 : 4));
    to[104 + (k & 3)] = (uint8_t)(to[104 + (k & 3)] | (stored >> 4) << (2 * (k >> 2)));
  }
  write_f16(to + 108, b.scale);
}

static inline void write_q4_k(const SuperBlock& b, uint8_t* to) {
  write_f16(to, b.scale);
  write_f16(to + 2, b.minimum);
  write_six_bit_pairs(b, to + 4);
  write_nibble_pairs<32>(b.codes, to + 16);
}

static inline void write_q5_k(const SuperBlock& b, uint8_t* to) {
  write_f16(to, b.scale);
  write_f16(to + 2, b.minimum);
  write_six_bit_pairs(b, to + 4);
  write_high_bits<4>(b.codes, to + 16);
  write_nibble_pairs<32>(b.codes, to + 48);
}

static inline void write_q6_k(const SuperBlock& b, uint8_t* to) {
  write_nibble_pairs<64>(b.codes, to);
  write_two_bit_planes<4>(b.codes, to + 128);
  for (int k = 0; k < 16; k++) to[192 + k] = (uint8_t)b.sub_scales[k];
  write_f16(to + 208, b.scale);
}

static inline void write_iq4_xs(const SuperBlock& b, uint8_t* to) {
  write_f16(to, b.scale);
  for (int k = 0; k < 6; k++) to[2 + k] = 0;
  for (int k = 0; k < 8; k++) {
    const int stored = b.sub_scales[k] + 32;
    to[2 + (k >> 2)] = (uint8_t)(to[2 + (k >> 2)] | (stored >> 4) << (2 * (k & 3)));
    to[4 + (k >> 1)] = (uint8_t)(to[4 + (k >> 1)] | (stored & 15) << (4 * (k & 1)));
  }
  write_nibble_pairs<16>(b.codes, to + 8);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

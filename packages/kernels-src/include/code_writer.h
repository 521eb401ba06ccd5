// Collects the codes of a row, one a byte, and packs them whenever a tile is full.
#pragma once

#include "bitpack.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct CodeWriter {
  static constexpr int32_t TILE = 1024;

  uint8_t codes[TILE + LANES];  // a vector may be stored at the last code
  int32_t filled;
  int32_t bits;
  uint8_t* target;

  void begin_row(uint8_t* row, int32_t code_bits) {
    filled = 0;
    bits = code_bits;
    target = row;
  }
  // Where the next codes go, and how many of `wanted` fit.
  uint8_t* next() { return codes + filled; }
  int32_t room(int32_t wanted) const { return wanted < TILE - filled ? wanted : TILE - filled; }
  void advance(int32_t count) {
    filled += count;
    if (filled < TILE) return;
    pack_codes(codes, TILE, bits, target);
    target += TILE / 8 * bits;
    filled = 0;
  }
  void end_row() { pack_codes(codes, filled, bits, target); }
};

}  // namespace LOWBIT_ISA
}  // namespace lowbit

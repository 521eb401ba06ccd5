// Rows of the register tiles of f32 products.
#pragma once

#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Sums and operands of a tile must fit the register file: 32 registers, or 16 (AVX2, WASM on x86).
#if LOWBIT_REGISTER_BYTES == 64 || defined(__aarch64__)
constexpr int TILE_HELD = 6, TILE_STREAMED = 4;
#elif LOWBIT_REGISTER_BYTES == 32
constexpr int TILE_HELD = 4, TILE_STREAMED = 3;
#else
constexpr int TILE_HELD = 3, TILE_STREAMED = 3;
#endif

}  // namespace LOWBIT_ISA
}  // namespace lowbit

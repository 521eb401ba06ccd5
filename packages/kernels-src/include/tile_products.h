// Products of small blocks held in the first cache: rows of one operand, element by element, times packed rows of
// registers of the other. No sum runs across the lanes of a register, so sums of any length cost no reduction.
#pragma once

#include "product_panels.h"
#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Rows and columns of a packed block: 16 KiB.
constexpr int32_t BLOCK = 64;

// Sums of a register tile with one row of its right operand and one broadcast element must fit the register file.
constexpr int PRODUCT_ROWS = 6;
#if LOWBIT_REGISTER_BYTES == 64 || defined(__aarch64__)
constexpr int PRODUCT_REGISTERS = 4;
#else
constexpr int PRODUCT_REGISTERS = 2;
#endif

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t greatest(int32_t a, int32_t b) { return a > b ? a : b; }
// Registers that hold `count` floats.
static inline int32_t registers_of(int32_t count) { return (count + REGISTER_FLOATS - 1) / REGISTER_FLOATS; }

static inline void store_register(float* to, FloatRegister v) { __builtin_memcpy(to, &v, sizeof v); }

// The first `count` (at least 1) lanes of `from`, the others 0; reads nothing behind them.
static inline FloatRegister load_first(const float* from, int32_t count) {
  if (count >= REGISTER_FLOATS) return load_register<FloatRegister>(from);
  float lanes[REGISTER_FLOATS] = {};
  for (int32_t i = 0; i < count; i++) lanes[i] = from[i];
  return load_register<FloatRegister>(lanes);
}
static inline void store_first(float* to, FloatRegister v, int32_t count) {
  if (count >= REGISTER_FLOATS) return store_register(to, v);
  for (int32_t i = 0; i < count; i++) to[i] = v[i];
}

// Left operand of a tile: element l of row r.
template <int R>
struct RowPointers {
  const float* rows[R];
  explicit RowPointers(const float* const* from) {
    LOWBIT_UNROLL for (int r = 0; r < R; r++) rows[r] = from[r];
  }
  float at(int r, int64_t l) const { return rows[r][l]; }
};
// The same of a matrix stored transposed: row r is its column `r`.
struct Columns {
  const float* first;
  int64_t stride;
  float at(int r, int64_t l) const { return first[l * stride + r]; }
};

// finish(r, column, Σ_l left[r, l] · right[l · BLOCK + column …]), begin <= l < end, for T registers of columns.
template <int R, int T, typename Left, typename Finish>
static inline void multiply_registers(const Left& left, const float* right, int64_t right_stride, int32_t begin,
                                      int32_t end, int32_t column, const Finish& finish) {
  FloatRegister sums[R][T] = {};
  for (int64_t l = begin; l < end; l++) {
    FloatRegister b[T];
    LOWBIT_UNROLL for (int t = 0; t < T; t++)
      b[t] = load_register<FloatRegister>(right + l * right_stride + column + t * REGISTER_FLOATS);
    LOWBIT_UNROLL for (int r = 0; r < R; r++) {
      const FloatRegister a = splat_register(left.at(r, l));
      LOWBIT_UNROLL for (int t = 0; t < T; t++) sums[r][t] = multiply_add(a, b[t], sums[r][t]);
    }
  }
  LOWBIT_UNROLL for (int r = 0; r < R; r++)
    LOWBIT_UNROLL for (int t = 0; t < T; t++) finish(r, column + t * REGISTER_FLOATS, sums[r][t]);
}

template <int R, typename Left, typename Finish>
static inline void multiply_rows(const Left& left, const float* right, int64_t right_stride, int32_t begin, int32_t end,
                                 int32_t registers, const Finish& finish) {
  int32_t i = 0;
  for (; i + PRODUCT_REGISTERS <= registers; i += PRODUCT_REGISTERS)
    multiply_registers<R, PRODUCT_REGISTERS>(left, right, right_stride, begin, end, i * REGISTER_FLOATS, finish);
  for (; i < registers; i++)
    multiply_registers<R, 1>(left, right, right_stride, begin, end, i * REGISTER_FLOATS, finish);
}

// to[column · BLOCK + row] = from[row · stride + column]; zeros behind the last row up to a whole register.
static inline void pack_transposed(const float* from, int64_t stride, int32_t rows, int32_t columns, float* to) {
  int32_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float* at = from + row * stride;
    int32_t column = 0;
    for (; column + 4 <= columns; column += 4) transpose_quads(at + column, stride, to + column * BLOCK + row, BLOCK);
    for (; column < columns; column++)
      for (int i = 0; i < 4; i++) to[column * BLOCK + row + i] = at[i * stride + column];
  }
  const int32_t padded = registers_of(rows) * REGISTER_FLOATS;
  for (; row < padded; row++)
    for (int32_t column = 0; column < columns; column++)
      to[column * BLOCK + row] = row < rows ? from[row * stride + column] : 0.0f;
}

// to[row · BLOCK + column] = from(row)[column]; zeros behind the last column up to a whole register.
template <typename From>
static inline void pack_rows(const From& from, int32_t rows, int32_t columns, float* to) {
  for (int32_t row = 0; row < rows; row++) {
    const float* at = from(row);
    for (int32_t column = 0; column < columns; column += REGISTER_FLOATS)
      store_register(to + row * BLOCK + column, load_first(at + column, columns - column));
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

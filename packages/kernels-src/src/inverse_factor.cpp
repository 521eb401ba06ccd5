// U with H⁻¹ = Uᵀ·U, from the last rows to the first: H = R·Rᵀ and U = R⁻¹ in one sweep over panels of rows K.
//
// The matrix holds two things: its lower triangle what is left of H, its upper one S[i, j] = −Σ_k R[i, k]·U[k, j] of
// the panels k that are done. With T = R_KK⁻¹, the same product finishes both:
//
//     T·H_KI = R_IKᵀ  (I before K)        T·S_KJ = U_KJ  (J after K)        U_KK = T
//
// and the same product carries on both: rows i before K lose Σ_{k in K} R[i, k]·[R[j, k] for j <= i, U[k, j] for j in
// and after K]. A panel [R_IKᵀ | T | U_KJ] is packed once and is both operands of that product.
#include "double_panels.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

static_assert(LOWBIT_FACTOR_UNIT % DOUBLE_COLUMNS == 0 && DOUBLE_COLUMNS % DOUBLE_ROWS == 0, "panels fit units");

namespace {

inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

// to[j] −= factor · from[j]
inline void subtract_row(double* __restrict__ to, const double* __restrict__ from, double factor, int32_t count) {
  const DoubleRegister negative = splat_double(-factor);
  int32_t j = 0;
  for (; j + REGISTER_DOUBLES <= count; j += REGISTER_DOUBLES) {
    const DoubleRegister sum =
        multiply_add(negative, load_register<DoubleRegister>(from + j), load_register<DoubleRegister>(to + j));
    __builtin_memcpy(to + j, &sum, sizeof sum);
  }
  for (; j < count; j++) to[j] -= factor * from[j];
}

// DOUBLE_COLUMNS of a row; zeros for those that are missing.
inline void copy_columns(const double* from, int32_t columns, double* to) {
  if (columns == DOUBLE_COLUMNS) {
    __builtin_memcpy(to, from, DOUBLE_COLUMNS * sizeof(double));
    return;
  }
  for (int32_t j = 0; j < DOUBLE_COLUMNS; j++) to[j] = j < columns ? from[j] : 0.0;
}

inline void store_floats(const double* from, int32_t columns, float* to) {
  if (columns == DOUBLE_COLUMNS) {
    for (int32_t j = 0; j < DOUBLE_COLUMNS; j++) to[j] = (float)from[j];
    return;
  }
  for (int32_t j = 0; j < columns; j++) to[j] = (float)from[j];
}

// Where the panel of the columns from `column` on lies.
inline int64_t panel_at(int32_t column, int32_t depth) { return (int64_t)column * depth; }

// Rows i … and columns `column` … of the update; `at` is their place. Columns of the panel begin at 0 there.
inline void subtract_tile(const double* packed, int32_t size, int32_t begin, int32_t count, int32_t i, int32_t column,
                          double* at) {
  LOWBIT_UNROLL for (int r = 0; r < DOUBLE_ROWS; r++)
    LOWBIT_UNROLL for (int v = 0; v < DOUBLE_COLUMNS; v += 8) prefetch(at + (int64_t)r * size + v);
  const double* left = packed + panel_at(i / DOUBLE_COLUMNS * DOUBLE_COLUMNS, count) + i % DOUBLE_COLUMNS;
  const DoubleTile tile = multiply_double_panels(left, DOUBLE_COLUMNS, packed + panel_at(column, count), count);
  const bool is_new = column >= begin && column < begin + count;
  if (column + DOUBLE_COLUMNS <= size && (column >= begin || column + DOUBLE_COLUMNS <= i + 1)) {
    LOWBIT_UNROLL for (int r = 0; r < DOUBLE_ROWS; r++)
      LOWBIT_UNROLL for (int v = 0; v < DOUBLE_REGISTERS; v++) {
        double* to = at + (int64_t)r * size + v * REGISTER_DOUBLES;
        const DoubleRegister old = is_new ? DoubleRegister{} : load_register<DoubleRegister>(to);
        const DoubleRegister rest = old - tile.sums[r][v];
        __builtin_memcpy(to, &rest, sizeof rest);
      }
    return;
  }
  // On the diagonal the columns up to the row, behind it those that there are.
  double sums[DOUBLE_ROWS][DOUBLE_COLUMNS];
  __builtin_memcpy(sums, &tile, sizeof sums);
  for (int r = 0; r < DOUBLE_ROWS; r++) {
    const int32_t columns = column >= begin ? size - column : i + r + 1 - column;
    for (int32_t j = 0; j < DOUBLE_COLUMNS && j < columns; j++)
      at[(int64_t)r * size + j] = (is_new ? 0.0 : at[(int64_t)r * size + j]) - sums[r][j];
  }
}

}  // namespace

// The sweep of the file's head with panels of one row, on a copy of the block.
int32_t inverse_factor_diagonal(const double* rows, int32_t size, int32_t begin, int32_t count, double* block,
                                double* inverse) {
  for (int32_t i = 0; i < count; i++)
    for (int32_t j = 0; j < count; j++)
      block[i * count + j] = j <= i ? rows[(int64_t)i * size + begin + j] : 0.0;
  for (int32_t k = count - 1; k >= 0; k--) {
    double* row = block + k * count;
    const double pivot = row[k];
    if (!(pivot > 0.0 && pivot < __builtin_inf())) return begin + k;
    const double root = __builtin_sqrt(pivot);
    for (int32_t j = 0; j < count; j++) row[j] /= root;
    row[k] = 1.0 / root;
    for (int32_t i = 0; i < k; i++) {
      const double factor = row[i];
      subtract_row(block + i * count, row, factor, i + 1);
      subtract_row(block + i * count + k, row + k, factor, count - k);
    }
  }
  for (int32_t l = 0; l < count; l++)
    for (int32_t i = 0; i < LOWBIT_FACTOR_PANEL; i++)
      inverse[l * LOWBIT_FACTOR_PANEL + i] = i <= l && i < count ? block[i * count + l] : 0.0;
  return -1;
}

void inverse_factor_panel(int32_t unit_begin, int32_t unit_end, const double* rows, int32_t size, int32_t begin,
                          int32_t count, const double* inverse, double* packed, float* target) {
  alignas(64) double rest[LOWBIT_FACTOR_PANEL * DOUBLE_COLUMNS];
  const int32_t end = least(unit_end * LOWBIT_FACTOR_UNIT, size);
  for (int32_t column = unit_begin * LOWBIT_FACTOR_UNIT; column < end; column += DOUBLE_COLUMNS) {
    const int32_t columns = least(size - column, DOUBLE_COLUMNS);
    double* panel = packed + panel_at(column, count);
    if (column >= begin && column < begin + count) {
      const double* row = inverse + (int64_t)(column - begin) * LOWBIT_FACTOR_PANEL;
      for (int32_t l = 0; l < count; l++)
        for (int32_t j = 0; j < DOUBLE_COLUMNS; j++)
          panel[l * DOUBLE_COLUMNS + j] = j < columns ? row[j * LOWBIT_FACTOR_PANEL + l] : 0.0;
    } else {
      for (int32_t l = 0; l < count; l++)
        copy_columns(rows + (int64_t)l * size + column, columns, rest + l * DOUBLE_COLUMNS);
      // Row i of T begins at its diagonal.
      for (int32_t i = 0; i < count; i += DOUBLE_ROWS) {
        const DoubleTile tile = multiply_double_panels(inverse + i * LOWBIT_FACTOR_PANEL + i, LOWBIT_FACTOR_PANEL,
                                                       rest + i * DOUBLE_COLUMNS, count - i);
        __builtin_memcpy(panel + i * DOUBLE_COLUMNS, &tile, least(count - i, DOUBLE_ROWS) * DOUBLE_COLUMNS * 8);
      }
    }
    if (column < begin) continue;
    for (int32_t l = 0; l < count; l++)
      store_floats(panel + l * DOUBLE_COLUMNS, columns, target + (int64_t)l * size + column);
  }
}

void inverse_factor_update(int32_t unit_begin, int32_t unit_end, const double* packed, int32_t size, int32_t begin,
                           int32_t count, double* matrix) {
  constexpr int32_t HELD_BYTES = LOWBIT_REGISTER_BYTES == 64 ? 1 << 20 : 1 << 18;
  const int32_t held = HELD_BYTES / 8 / count / LOWBIT_FACTOR_UNIT * LOWBIT_FACTOR_UNIT;
  const int32_t units = begin / LOWBIT_FACTOR_UNIT;
  for (int32_t block = 0; block < size; block += held) {
    const int32_t block_end = least(block + held, size);
    // The longest rows first, so that threads end together.
    for (int32_t unit = units - unit_end; unit < units - unit_begin; unit++) {
      const int32_t row_end = (unit + 1) * LOWBIT_FACTOR_UNIT;
      for (int32_t column = block; column < block_end; column += DOUBLE_COLUMNS) {
        if (column >= row_end && column < begin) {
          column = least(begin, block_end) - DOUBLE_COLUMNS;
          continue;
        }
        for (int32_t i = unit * LOWBIT_FACTOR_UNIT; i < row_end; i += DOUBLE_ROWS)
          if (column >= begin || column < i + DOUBLE_ROWS)
            subtract_tile(packed, size, begin, count, i, column, matrix + (int64_t)i * size + column);
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

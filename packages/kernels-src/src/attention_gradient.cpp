// Gradient of attention: a block of rows (queries of the heads that read one key head) at a time, whose weights and their
// gradients against all keys lie in scratch. With weights p = softmax(s): dV += pᵀ·dy, dp = dy·Vᵀ,
// ds = scale · p ∘ (dp − Σ p·dp), dq += ds·K, dK += dsᵀ·q.
#include "attention_shape.h"
#include "lowbit_kernels.h"
#include "softmax.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

constexpr int32_t MOST_ROWS = LOWBIT_GRADIENT_ROWS;

struct GradientRows {
  int32_t count;
  const float *q[MOST_ROWS], *dy[MOST_ROWS];
  float* dq[MOST_ROWS];
  // Keys that the row sees, from `first_key` on.
  int32_t begin[MOST_ROWS], end[MOST_ROWS];
  int32_t first_key, keys;
  // Rows of `stride` floats: scores, then weights; gradients of the weights, then of the scores.
  float *weights, *gradients;
  int64_t stride;
};

template <int R>
inline void against_keys(const float* const* left, const float* packed, int32_t depth, bool is_first,
                         int32_t registers, float factor, float* to, int64_t stride) {
  const FloatRegister factors = splat_register(factor);
  multiply_rows<R>(RowPointers<R>(left), packed, BLOCK, 0, depth, registers,
                   [&](int r, int32_t column, FloatRegister sum) {
                     float* at = to + r * stride + column;
                     sum *= factors;
                     store_register(at, is_first ? sum : load_register<FloatRegister>(at) + sum);
                   });
}

// to[r, key] = factor · left[r] · keys[key] for all rows and keys of the block.
void all_against_keys(const GradientRows& rows, const float* const* left, const float* keys, int64_t step,
                      int32_t head_size, float factor, float* to) {
  alignas(64) float packed[BLOCK * BLOCK];
  const float* operand[MOST_ROWS];
  for (int32_t key = 0; key < rows.keys; key += BLOCK) {
    const int32_t count = least(BLOCK, rows.keys - key);
    for (int32_t offset = 0; offset < head_size; offset += BLOCK) {
      const int32_t depth = least(BLOCK, head_size - offset);
      pack_transposed(keys + key * step + offset, step, count, depth, packed);
      for (int32_t row = 0; row < rows.count; row++) operand[row] = left[row] + offset;
      int32_t row = 0;
      for (; row + PRODUCT_ROWS <= rows.count; row += PRODUCT_ROWS)
        against_keys<PRODUCT_ROWS>(operand + row, packed, depth, offset == 0, registers_of(count), factor,
                                   to + row * rows.stride + key, rows.stride);
      for (; row < rows.count; row++)
        against_keys<1>(operand + row, packed, depth, offset == 0, registers_of(count), factor,
                        to + row * rows.stride + key, rows.stride);
    }
  }
}

// Scores become weights, gradients of the weights those of the scores; 0 for keys that the row does not see.
void differentiate_row(const GradientRows& rows, int32_t row, float scale) {
  float *weights = rows.weights + row * rows.stride, *gradients = rows.gradients + row * rows.stride;
  const int32_t padded = registers_of(rows.keys) * REGISTER_FLOATS;
  const auto hide = [&](int32_t from, int32_t to) {
    for (int32_t key = from; key < to; key++) {
      weights[key] = -__builtin_inff();
      gradients[key] = 0.0f;
    }
  };
  hide(0, rows.begin[row]);
  hide(rows.end[row], padded);
  FloatRegister largest = splat_register(NO_MAXIMUM), sum = {}, product = {};
  for (int32_t i = 0; i < padded; i += REGISTER_FLOATS) {
    const FloatRegister v = load_register<FloatRegister>(weights + i);
    largest = v > largest ? v : largest;
  }
  const float maximum = register_maximum(largest);
  for (int32_t i = 0; i < padded; i += REGISTER_FLOATS) {
    const FloatRegister power = normal_exponential(load_register<FloatRegister>(weights + i) - splat_register(maximum));
    store_register(weights + i, power);
    sum += power;
    product = multiply_add(power, load_register<FloatRegister>(gradients + i), product);
  }
  const float inverse = 1.0f / register_sum(sum);
  const FloatRegister factor = splat_register(inverse), mean = splat_register(register_sum(product) * inverse);
  for (int32_t i = 0; i < padded; i += REGISTER_FLOATS) {
    const FloatRegister weight = load_register<FloatRegister>(weights + i) * factor;
    store_register(weights + i, weight);
    const FloatRegister gradient = (load_register<FloatRegister>(gradients + i) - mean) * splat_register(scale);
    store_register(gradients + i, weight * gradient);
  }
}

// target[i] += Σ_l left[i, l] · right[l] for `count` rows from the first on, `columns` of them.
template <int R, typename Left, typename Target>
inline void add_product(const Left& left, const float* right, int32_t depth, int32_t columns, const Target& target) {
  multiply_rows<R>(left, right, BLOCK, 0, depth, registers_of(columns), [&](int r, int32_t column, FloatRegister sum) {
    float* at = target(r) + column;
    store_first(at, load_first(at, columns - column) + sum, columns - column);
  });
}

// dq += gradients · keys.
void add_query_gradients(const GradientRows& rows, const float* keys, int64_t step, int32_t head_size) {
  alignas(64) float packed[BLOCK * BLOCK];
  const float* gradients[MOST_ROWS];
  for (int32_t key = 0; key < rows.keys; key += BLOCK) {
    const int32_t count = least(BLOCK, rows.keys - key);
    for (int32_t row = 0; row < rows.count; row++) gradients[row] = rows.gradients + row * rows.stride + key;
    for (int32_t offset = 0; offset < head_size; offset += BLOCK) {
      const int32_t columns = least(BLOCK, head_size - offset);
      pack_rows([&](int32_t i) { return keys + (key + i) * step + offset; }, count, columns, packed);
      int32_t row = 0;
      for (; row + PRODUCT_ROWS <= rows.count; row += PRODUCT_ROWS)
        add_product<PRODUCT_ROWS>(RowPointers<PRODUCT_ROWS>(gradients + row), packed, count, columns,
                                  [&](int r) { return rows.dq[row + r] + offset; });
      for (; row < rows.count; row++)
        add_product<1>(RowPointers<1>(gradients + row), packed, count, columns,
                       [&](int) { return rows.dq[row] + offset; });
    }
  }
}

// target[key] += Σ_rows left[row, key] · right[row].
void add_key_gradients(const GradientRows& rows, const float* left, const float* const* right, float* target,
                       int64_t step, int32_t head_size) {
  alignas(64) float packed[MOST_ROWS * BLOCK];
  for (int32_t offset = 0; offset < head_size; offset += BLOCK) {
    const int32_t columns = least(BLOCK, head_size - offset);
    pack_rows([&](int32_t row) { return right[row] + offset; }, rows.count, columns, packed);
    int32_t key = 0;
    for (; key + PRODUCT_ROWS <= rows.keys; key += PRODUCT_ROWS)
      add_product<PRODUCT_ROWS>(Columns{left + key, rows.stride}, packed, rows.count, columns,
                                [&](int r) { return target + (key + r) * step + offset; });
    for (; key < rows.keys; key++)
      add_product<1>(Columns{left + key, rows.stride}, packed, rows.count, columns,
                     [&](int) { return target + key * step + offset; });
  }
}

}  // namespace

void attention_gradient(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
                        int32_t, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
                        int32_t key_heads, int32_t head_size, float scale, int32_t window, const float* dy, float* dq,
                        float* d_keys, float* d_values, int32_t first_unit, int32_t unit_floats, float* scratch) {
  const AttentionShape shape = {query_length, key_length, key_stride, heads, key_heads, head_size, window};
  const int64_t step = shape.key_step();
  const int32_t row_end = query_length * shape.group();
  GradientRows rows;
  for (int32_t unit = unit_begin; unit < unit_end; unit++) {
    const int32_t key_head = unit % key_heads, sequence = unit / key_heads;
    rows.weights = scratch + (int64_t)(unit - first_unit) * unit_floats;
    rows.gradients = rows.weights + unit_floats / 2;
    for (int32_t row = 0; row < row_end; row += MOST_ROWS) {
      rows.count = least(MOST_ROWS, row_end - row);
      rows.first_key = shape.visible_begin(row);
      rows.keys = shape.visible_end(row + rows.count - 1) - rows.first_key;
      rows.stride = (rows.keys + BLOCK - 1) / BLOCK * BLOCK;
      for (int32_t i = 0; i < rows.count; i++) {
        const int64_t offset = shape.query_offset(sequence, key_head, row + i);
        rows.q[i] = q + offset;
        rows.dy[i] = dy + offset;
        rows.dq[i] = dq + offset;
        rows.begin[i] = shape.visible_begin(row + i) - rows.first_key;
        rows.end[i] = shape.visible_end(row + i) - rows.first_key;
      }
      const int64_t first = shape.key_offset(sequence, key_head) + rows.first_key * step;
      all_against_keys(rows, rows.q, keys + first, step, head_size, scale, rows.weights);
      all_against_keys(rows, rows.dy, values + first, step, head_size, 1.0f, rows.gradients);
      for (int32_t i = 0; i < rows.count; i++) differentiate_row(rows, i, scale);
      add_query_gradients(rows, keys + first, step, head_size);
      add_key_gradients(rows, rows.gradients, rows.q, d_keys + first, step, head_size);
      add_key_gradients(rows, rows.weights, rows.dy, d_values + first, step, head_size);
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

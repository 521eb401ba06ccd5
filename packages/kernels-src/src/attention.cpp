// Attention of many queries: blocks of rows against packed blocks of keys, so that no more than a block of scores exists.
#include "attention_rows.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Rows that meet a packed block of keys; with their scores they stay in the second cache.
constexpr int32_t MOST_ROWS = 192;
typedef RowBlock<MOST_ROWS> Rows;

template <int R>
inline void score_tile(Rows& rows, int32_t row, const float* packed, int32_t depth, int32_t offset,
                       int32_t registers, float scale, bool is_last) {
  const float* q[R];
  for (int r = 0; r < R; r++) q[r] = rows.q[row + r] + offset;
  float* scores = rows.scores + row * BLOCK;
  const FloatRegister factor = splat_register(is_last ? scale : 1.0f);
  multiply_rows<R>(RowPointers<R>(q), packed, BLOCK, 0, depth, registers,
                   [&](int r, int32_t column, FloatRegister sum) {
                     float* to = scores + r * BLOCK + column;
                     if (offset > 0) sum += load_register<FloatRegister>(to);
                     store_register(to, sum * factor);
                   });
}

void score_packed(Rows& rows, int32_t from, int32_t to, const KeyBlock& block, float scale, float* packed) {
  // Of tiles of rows: the registers up to the last key that the last row sees.
  const auto registers = [&](int32_t last) { return registers_of(least(block.count, rows.end[last] - block.first)); };
  for (int32_t offset = 0; offset < block.head_size; offset += BLOCK) {
    const int32_t depth = least(BLOCK, block.head_size - offset);
    const bool is_last = offset + depth == block.head_size;
    pack_transposed(block.keys + offset, block.step, block.count, depth, packed);
    int32_t row = from;
    for (; row + PRODUCT_ROWS <= to; row += PRODUCT_ROWS)
      score_tile<PRODUCT_ROWS>(rows, row, packed, depth, offset, registers(row + PRODUCT_ROWS - 1), scale, is_last);
    for (; row < to; row++) score_tile<1>(rows, row, packed, depth, offset, registers(row), scale, is_last);
  }
}

void add_values_packed(Rows& rows, int32_t from, int32_t to, const KeyBlock& block, float* packed) {
  for (int32_t offset = 0; offset < block.head_size; offset += BLOCK) {
    const int32_t columns = least(BLOCK, block.head_size - offset);
    pack_rows([&](int32_t key) { return block.values + key * block.step + offset; }, block.count, columns, packed);
    add_values_of_rows(rows, from, to, packed, BLOCK, offset, columns);
  }
}

void attend(Rows& rows, const float* keys, const float* values, const AttentionShape& shape, float scale) {
  alignas(64) float packed[BLOCK * BLOCK];
  const int64_t step = shape.key_step();
  const int32_t end = rows.end[rows.count - 1];
  int32_t from = 0, to = 0;  // rows that see keys of the block: both ends of what a row sees rise from row to row
  for (int32_t key = rows.begin[0]; key < end; key += BLOCK) {
    const KeyBlock block = {keys + key * step, values + key * step, step, key,
                            least(BLOCK, end - key), shape.head_size};
    while (rows.end[from] <= key) from++;
    while (to < rows.count && rows.begin[to] < key + block.count) to++;
    score_packed(rows, from, to, block, scale, packed);
    for (int32_t row = from; row < to; row++) meet_block(rows, row, block);
    add_values_packed(rows, from, to, block, packed);
  }
}

}  // namespace

void attention(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
               int32_t sequences, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
               int32_t key_heads, int32_t head_size, float scale, int32_t window, int32_t unit_queries, float* y) {
  const AttentionShape shape = {query_length, key_length, key_stride, heads, key_heads, head_size, window};
  const int32_t query_blocks = (query_length - 1) / unit_queries + 1;
  Rows rows;
  for (int32_t unit = unit_begin; unit < unit_end; unit++) {
    const int32_t key_head = unit % key_heads, sequence = unit / key_heads % sequences;
    const int32_t query = (query_blocks - 1 - unit / key_heads / sequences) * unit_queries;
    const int32_t row_end = least(query_length, query + unit_queries) * shape.group();
    for (int32_t row = query * shape.group(); row < row_end; row += MOST_ROWS) {
      rows.count = least(MOST_ROWS, row_end - row);
      for (int32_t i = 0; i < rows.count; i++) {
        const int64_t offset = shape.query_offset(sequence, key_head, row + i);
        rows.q[i] = q + offset;
        rows.y[i] = y + offset;
        rows.maximum[i] = NO_MAXIMUM;
        rows.sum[i] = 0.0f;
        rows.score_rows[i] = rows.scores + i * BLOCK;
        for (int32_t column = 0; column < head_size; column++) rows.y[i][column] = 0.0f;
        rows.begin[i] = shape.visible_begin(row + i);
        rows.end[i] = shape.visible_end(row + i);
      }
      const int64_t first_key = shape.key_offset(sequence, key_head);
      attend(rows, keys + first_key, values + first_key, shape, scale);
      for (int32_t i = 0; i < rows.count; i++) {
        const float inverse = 1.0f / rows.sum[i];
        for (int32_t column = 0; column < head_size; column++) rows.y[i][column] *= inverse;
      }
    }
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

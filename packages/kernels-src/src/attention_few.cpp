// Attention of few queries, as in decoding: keys and values are read once, in the order of memory, all key heads of a
// block of keys before the next block. Threads share spans of keys; attention_join puts the spans of a row together.
#include "attention_rows.h"
#include "lowbit_kernels.h"
#include "register_sums.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Rows of a key head at a time.
constexpr int32_t MOST_ROWS = 16;
typedef RowBlock<MOST_ROWS> Rows;

// Rows whose sums with four keys fit the registers.
constexpr int SCORE_ROWS = PRODUCT_REGISTERS == 4 ? 3 : 2;

// One step along the head: registers of R rows times those of K keys.
template <int R, int K, typename Load>
inline void add_products(FloatRegister (&sums)[R][K], const float* const (&q)[R], const float* keys, int64_t step,
                         const Load& load) {
  FloatRegister right[K];
  LOWBIT_UNROLL for (int k = 0; k < K; k++) right[k] = load(keys + k * step);
  LOWBIT_UNROLL for (int r = 0; r < R; r++) {
    const FloatRegister left = load(q[r]);
    LOWBIT_UNROLL for (int k = 0; k < K; k++) sums[r][k] = multiply_add(left, right[k], sums[r][k]);
  }
}

// Scores of R rows with K keys as they lie.
template <int R, int K>
inline void score_keys(Rows& rows, int32_t row, int32_t key, const KeyBlock& block, float scale) {
  const float *q[R], *keys = block.keys + key * block.step;
  LOWBIT_UNROLL for (int r = 0; r < R; r++) q[r] = rows.q[row + r];
  FloatRegister sums[R][K] = {};
  const int32_t whole = block.head_size - block.head_size % REGISTER_FLOATS, rest = block.head_size - whole;
  for (int32_t i = 0; i < whole; i += REGISTER_FLOATS) {
    add_products(sums, q, keys, block.step, [](const float* from) { return load_register<FloatRegister>(from); });
    LOWBIT_UNROLL for (int r = 0; r < R; r++) q[r] += REGISTER_FLOATS;
    keys += REGISTER_FLOATS;
  }
  if (rest > 0) add_products(sums, q, keys, block.step, [&](const float* from) { return load_first(from, rest); });
  LOWBIT_UNROLL for (int r = 0; r < R; r++) {
    float* scores = rows.scores + (row + r) * BLOCK + key;
    if constexpr (K == 4)
      four_sums(sums[r], scores);
    else
      for (int k = 0; k < K; k++) scores[k] = register_sum(sums[r][k]);
    for (int k = 0; k < K; k++) scores[k] *= scale;
  }
}

template <int R>
inline void score_rows(Rows& rows, int32_t row, const KeyBlock& block, float scale) {
  int32_t key = 0;
  for (; key + 4 <= block.count; key += 4) score_keys<R, 4>(rows, row, key, block, scale);
  for (; key < block.count; key++) score_keys<R, 1>(rows, row, key, block, scale);
}

// The rows that read a key head against a block of keys.
void attend_block(Rows& rows, const KeyBlock& block, float scale) {
  alignas(64) float packed[BLOCK * REGISTER_FLOATS];
  int32_t row = 0;
  for (; row + SCORE_ROWS <= rows.count; row += SCORE_ROWS) score_rows<SCORE_ROWS>(rows, row, block, scale);
  for (; row < rows.count; row++) score_rows<1>(rows, row, block, scale);
  for (row = 0; row < rows.count; row++) meet_block(rows, row, block);
  // Whole registers of values are read as they lie; what is left of a head may be the end of the array.
  const int32_t whole = block.head_size - block.head_size % REGISTER_FLOATS;
  if (whole > 0) add_values_of_rows(rows, 0, rows.count, block.values, block.step, 0, whole);
  if (whole == block.head_size) return;
  const int32_t rest = block.head_size - whole;
  for (int32_t i = 0; i < block.count; i++)
    store_register(packed + i * REGISTER_FLOATS, load_first(block.values + i * block.step + whole, rest));
  add_values_of_rows(rows, 0, rows.count, packed, REGISTER_FLOATS, whole, rest);
}

}  // namespace

// Keys of a block, so that a block and the next one, which is on its way, stay in the second cache.
static int32_t block_keys(int64_t step) {
  constexpr int64_t BLOCK_FLOATS = 1 << 16;
  int32_t keys = BLOCK;
  while (keys > 8 && keys * step > BLOCK_FLOATS) keys /= 2;
  return keys;
}

static void prefetch_floats(const float* from, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) prefetch(from + i);
}

void attention_few(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
                   int32_t, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
                   int32_t key_heads, int32_t head_size, float scale, int32_t window, int32_t span_keys, float* parts) {
  const AttentionShape shape = {query_length, key_length, key_stride, heads, key_heads, head_size, window};
  const int32_t first_key = shape.visible_begin(0), head_rows = query_length * shape.group();
  const int32_t spans = (key_length - first_key - 1) / span_keys + 1;
  const int64_t step = shape.key_step(), part_size = head_size + 2;
  const int32_t block_length = block_keys(step);
  Rows rows;
  for (int32_t i = 0; i < MOST_ROWS; i++) rows.score_rows[i] = rows.scores + i * BLOCK;
  for (int32_t unit = unit_begin; unit < unit_end; unit++) {
    const int32_t sequence = unit / spans, span = unit % spans;
    float* part = parts + (int64_t)unit * query_length * heads * part_size;
    for (int32_t row = 0; row < query_length * heads; row++) {
      float* at = part + row * part_size;
      at[0] = NO_MAXIMUM;
      for (int32_t i = 1; i < part_size; i++) at[i] = 0.0f;
    }
    const int32_t begin = first_key + span * span_keys, end = least(key_length, begin + span_keys);
    for (int32_t key = begin; key < end; key += block_length) {
      const int32_t count = least(block_length, end - key), next = least(block_length, end - key - count);
      for (int32_t key_head = 0; key_head < key_heads; key_head++) {
        const int64_t first = shape.key_offset(sequence, key_head) + key * step;
        const KeyBlock block = {keys + first, values + first, step, key, count, head_size};
        // Each head asks for its share of the next block, which lies behind this one as a whole.
        const int64_t share = (int64_t)next * head_size;
        const int64_t ahead = shape.key_offset(sequence, 0) + (key + count) * step + key_head * share;
        prefetch_floats(keys + ahead, share);
        prefetch_floats(values + ahead, share);
        for (int32_t row = 0; row < head_rows; row += MOST_ROWS) {
          rows.count = least(MOST_ROWS, head_rows - row);
          float* state = part + (key_head * head_rows + row) * part_size;
          for (int32_t i = 0; i < rows.count; i++) {
            rows.q[i] = q + shape.query_offset(sequence, key_head, row + i);
            rows.y[i] = state + i * part_size + 2;
            rows.begin[i] = shape.visible_begin(row + i);
            rows.end[i] = shape.visible_end(row + i);
            rows.maximum[i] = state[i * part_size];
            rows.sum[i] = state[i * part_size + 1];
          }
          attend_block(rows, block, scale);
          for (int32_t i = 0; i < rows.count; i++) {
            state[i * part_size] = rows.maximum[i];
            state[i * part_size + 1] = rows.sum[i];
          }
        }
      }
    }
  }
}

void attention_join(int32_t row_begin, int32_t row_end, const float* parts, int32_t spans, int32_t query_length,
                    int32_t heads, int32_t key_heads, int32_t head_size, float* y) {
  const int32_t group = heads / key_heads, sequence_rows = query_length * heads;
  const int64_t part_size = head_size + 2;
  for (int32_t row = row_begin; row < row_end; row++) {
    const int32_t sequence = row / sequence_rows, query = row % sequence_rows / heads, head = row % heads;
    const int32_t place = (head / group * query_length + query) * group + head % group;
    const float* first = parts + ((int64_t)sequence * spans * sequence_rows + place) * part_size;
    const int64_t next = sequence_rows * part_size;
    float* to = y + (int64_t)row * head_size;
    float maximum = NO_MAXIMUM, sum = 0.0f;
    for (int32_t span = 0; span < spans; span++) maximum = first[span * next] > maximum ? first[span * next] : maximum;
    for (int32_t i = 0; i < head_size; i++) to[i] = 0.0f;
    for (int32_t span = 0; span < spans; span++) {
      const float* part = first + span * next;
      const float factor = normal_exponential(splat_register(part[0] - maximum))[0];
      sum += factor * part[1];
      for (int32_t i = 0; i < head_size; i++) to[i] += factor * part[2 + i];
    }
    const float inverse = 1.0f / sum;
    for (int32_t i = 0; i < head_size; i++) to[i] *= inverse;
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// Geometry of an attention call, and the rows of a block: pairs of a query and a head that read the same key head.
#pragma once

#include <stdint.h>

#include "tile_products.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct AttentionShape {
  int32_t query_length, key_length, key_stride, heads, key_heads, head_size, window;

  int32_t group() const { return heads / key_heads; }
  int64_t key_step() const { return (int64_t)key_heads * head_size; }
  // First element of a key head of a sequence, in keys and values.
  int64_t key_offset(int32_t sequence, int32_t key_head) const {
    return (int64_t)sequence * key_stride * key_step() + (int64_t)key_head * head_size;
  }
  // Row r of a key head in a sequence, in q and y: query r / group, head r mod group.
  int64_t query_offset(int32_t sequence, int32_t key_head, int32_t row) const {
    const int64_t query = (int64_t)sequence * query_length + row / group();
    return (query * heads + key_head * group() + row % group()) * head_size;
  }
  // The keys that row r sees.
  int32_t visible_end(int32_t row) const { return key_length - query_length + row / group() + 1; }
  int32_t visible_begin(int32_t row) const {
    return window > 0 && visible_end(row) > window ? visible_end(row) - window : 0;
  }
};

}  // namespace LOWBIT_ISA
}  // namespace lowbit

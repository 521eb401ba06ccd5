// Lane sums over the groups of a row (docs/numerics.md, rule 2), sixteen groups at a time.
#pragma once

#include "group_reduce.h"
#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Sixteen consecutive groups of a row, or as many as are left; the last one may be shorter than the others.
struct GroupBatch {
  const float* values;  // first weight of the first group
  int32_t groups;
  int32_t group_size;
  int32_t last_size;

  inline int32_t size(int32_t group) const { return group == groups - 1 ? last_size : group_size; }
  // Weights of each group as f32, 1 in unused lanes.
  inline F32x16 sizes() const {
    F32x16 n = splat(1.0f);
    for (int32_t g = 0; g < groups; g++) n[g] = (float)size(g);
    return n;
  }
};

static inline int32_t group_count(int32_t columns, int32_t group_size) {
  return columns == 0 ? 0 : (int32_t)(((int64_t)columns + group_size - 1) / group_size);
}

// The batch that starts at group `first` of a row.
static inline GroupBatch group_batch(const float* row, int32_t columns, int32_t group_size, int32_t first) {
  const int32_t left = group_count(columns, group_size) - first;
  const int32_t groups = left < GROUP_BATCH ? left : GROUP_BATCH;
  const int64_t begin = (int64_t)first * group_size, end = begin + (int64_t)groups * group_size;
  const int32_t missing = end > columns ? (int32_t)(end - columns) : 0;
  return GroupBatch{row + begin, groups, group_size, group_size - missing};
}

// −1 in the first `count` lanes, 0 behind them.
static inline I32x16 first_lanes(int32_t count) {
  const I32x16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lane < count;
}

// Sixteen partial sums of map(w) over n weights; map may be anything in lanes that hold no weight.
template <typename Map>
static inline F32x16 partial_sums(const float* values, int32_t n, Map map) {
  F32x16 sums = {};
  int32_t i = 0;
  for (; i + LANES <= n; i += LANES) sums = sums + map(load(values + i));
  if (i < n) sums = sums + (F32x16)((I32x16)map(load_part(values + i, n - i, 0.0f)) & first_lanes(n - i));
  return sums;
}

// Lane g: the lane sum of map(w, g) over group g of the batch; 0 in unused lanes.
template <typename Map>
static inline F32x16 batch_sums(const GroupBatch& batch, Map map) {
  F32x16 partial[GROUP_BATCH];
  for (int32_t g = 0; g < batch.groups; g++)
    partial[g] = partial_sums(batch.values + (int64_t)g * batch.group_size, batch.size(g),
                              [&](F32x16 w) { return map(w, g); });
  for (int32_t g = batch.groups; g < GROUP_BATCH; g++) partial[g] = F32x16{};
  return group_sums(partial);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

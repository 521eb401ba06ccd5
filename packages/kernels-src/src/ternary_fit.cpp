// Ternary terms: scale rules and digits.
#include "bitpack.h"
#include "group_means.h"
#include "lowbit_kernels.h"
#include "scales.h"
#include "sign_bits.h"
#include "trits.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// One row of digits on its way to packed bytes; SPAN digits fill whole bytes in both packings.
struct TritRow {
  static constexpr int32_t SPAN = 1280;
  uint8_t digits[SPAN + LANES + TRIT_SLACK];
  int32_t count = 0;
  int32_t packing;
  uint8_t* at;

  TritRow(int32_t packing, uint8_t* row) : packing(packing), at(row) {}

  inline void append(I32x16 sixteen, int32_t used) {
    store_bytes(digits + count, sixteen);
    count += used;
    if (count < SPAN) return;
    uint8_t rest[LANES];
    __builtin_memcpy(rest, digits + SPAN, LANES);
    pack_trits(digits, SPAN, packing, at);
    __builtin_memcpy(digits, rest, LANES);
    at += SPAN / trits_per_byte(packing);
    count -= SPAN;
  }
  inline void finish() { pack_trits(digits, count, packing, at); }
};

// digit = 1 + (w > threshold) − (w < −threshold)
inline I32x16 digits_beyond(F32x16 w, F32x16 threshold) { return 1 - below(threshold, w) + below(w, -threshold); }

inline void write_threshold_digits(const float* values, int32_t n, float threshold, TritRow& row) {
  int32_t i = 0;
  for (; i + LANES <= n; i += LANES) row.append(digits_beyond(load(values + i), splat(threshold)), LANES);
  if (i < n) row.append(digits_beyond(load_part(values + i, n - i, 0.0f), splat(threshold)), n - i);
}

// w / scale rounds to ±1 exactly where 2|w| > scale (half goes to the even 0), in f32 too. A scale that is not above 0
// gives digit 0 for every weight; an infinite one as well, and then 2|w| might be infinite, too.
inline void write_rounded_digits(const float* values, int32_t n, float scale, TritRow& row) {
  const bool usable = scale > 0.0f && scale < __builtin_inff();
  const F32x16 bound = splat(usable ? scale : 1.0f);
  const I32x16 used = I32x16{} - (usable ? 1 : 0);
  const auto digits = [&](F32x16 w) { return digits_beyond(keep(used, w + w), bound); };
  int32_t i = 0;
  for (; i + LANES <= n; i += LANES) row.append(digits(load(values + i)), LANES);
  if (i < n) row.append(digits(load_part(values + i, n - i, 0.0f)), n - i);
}

// Lane g: mean of the |w| above thresholds[g] in group g; 0 where there are none.
inline F32x16 means_above(const GroupBatch& batch, F32x16 thresholds) {
  const F32x16 one = splat(1.0f);
  const F32x16 counts = batch_sums(batch, [&](F32x16 w, int32_t g) {
    return keep(below(splat(thresholds[g]), absolute(w)), one);
  });
  const F32x16 sums = batch_sums(batch, [&](F32x16 w, int32_t g) {
    const F32x16 a = absolute(w);
    return keep(below(splat(thresholds[g]), a), a);
  });
  return counts > 0.0f ? sums / maximum(counts, one) : F32x16{};
}

inline bool all_equal(F32x16 a, F32x16 b) {
  const I32x16 differs = (I32x16)(a != b);
  int32_t any = 0;
  for (int i = 0; i < LANES; i++) any |= differs[i];
  return any == 0;
}

enum Rule { ABSMEAN = 0, TWN = 1, LEAST_SQUARES = 2 };
constexpr int MOST_ROUNDS = 32;

}  // namespace

void ternary_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                 int32_t scale_dtype, int32_t packing, int32_t rule, uint8_t* digits, void* scale) {
  const int32_t groups = group_count(columns, group_size);
  const int64_t row_bytes = trit_row_bytes(columns, packing);
  for (int64_t row = row_begin; row < row_end; row++) {
    const float* weights = values + row * columns;
    TritRow packed(packing, digits + row * row_bytes);
    for (int32_t first = 0; first < groups; first += GROUP_BATCH) {
      const GroupBatch batch = group_batch(weights, columns, group_size, first);
      const F32x16 mean = batch_sums(batch, [](F32x16 w, int32_t) { return absolute(w); }) / batch.sizes();
      const F32x16 thresholds = mean * 0.7f;
      F32x16 scales = rule == ABSMEAN ? maximum(mean, splat(1e-5f)) : means_above(batch, thresholds);
      if (rule == LEAST_SQUARES) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
          const F32x16 next = means_above(batch, scales * 0.5f);
          if (all_equal(next, scales)) break;
          scales = next;
        }
      }
      scales = mean < splat(__builtin_inff()) ? scales : mean;  // a mean that overflows is refused as a scale
      scales = round_to_scale_lanes(scales, scale_dtype);
      store_scale_lanes(scale, scale_dtype, row * groups + first, scales, batch.groups);
      for (int32_t g = 0; g < batch.groups; g++) {
        const float* group = batch.values + (int64_t)g * group_size;
        if (rule == TWN) write_threshold_digits(group, batch.size(g), thresholds[g], packed);
        else write_rounded_digits(group, batch.size(g), scales[g], packed);
      }
    }
    packed.finish();
  }
}

void ternary_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                    int32_t scales_per_row, int32_t scale_dtype, int32_t packing, int32_t has_threshold,
                    float threshold, const void* scale, uint8_t* digits) {
  const int32_t groups = group_count(columns, group_size);
  const int64_t row_bytes = trit_row_bytes(columns, packing);
  for (int64_t row = row_begin; row < row_end; row++) {
    TritRow packed(packing, digits + row * row_bytes);
    for (int32_t group = 0; group < groups; group++) {
      const int64_t begin = (int64_t)group * group_size;
      const int32_t n = begin + group_size < columns ? group_size : (int32_t)(columns - begin);
      const float* weights = values + row * columns + begin;
      const int64_t index = row * scales_per_row + (scales_per_row ? group : 0);
      if (has_threshold) write_threshold_digits(weights, n, threshold, packed);
      else write_rounded_digits(weights, n, load_scale(scale, scale_dtype, index), packed);
    }
    packed.finish();
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

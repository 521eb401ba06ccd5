// Sign terms with one scale, and perhaps one mean, a group.
#include "group_means.h"
#include "lowbit_kernels.h"
#include "scales.h"
#include "sign_bits.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// sign = w >= mean over one group; with SUBTRACT also w −= (sign ? upper : lower).
template <bool SUBTRACT>
inline void write_signs(float* values, int32_t n, float mean, float upper, float lower, BitRow& signs) {
  const F32x16 means = splat(mean), uppers = splat(upper), lowers = splat(lower);
  int32_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const F32x16 w = load(values + i);
    const I32x16 negative = below(w, means);
    signs.append(mask_bits(~negative), LANES);
    if (SUBTRACT) store(values + i, w - choose(negative, lowers, uppers));
  }
  if (i < n) {
    const F32x16 w = load_part(values + i, n - i, 0.0f);
    const I32x16 negative = below(w, means);
    signs.append(mask_bits(~negative) & first_bits(n - i), n - i);
    if (SUBTRACT) store_part(values + i, w - choose(negative, lowers, uppers), n - i);
  }
}

}  // namespace

void sign_fit(int32_t row_begin, int32_t row_end, float* residual, int32_t columns, int32_t group_size,
              int32_t scale_dtype, uint8_t* signs, void* scale, void* mean) {
  const int32_t groups = group_count(columns, group_size);
  const int64_t row_bytes = ((int64_t)columns + 7) / 8;
  for (int64_t row = row_begin; row < row_end; row++) {
    float* values = residual + row * columns;
    BitRow bits(signs + row * row_bytes);
    for (int32_t first = 0; first < groups; first += GROUP_BATCH) {
      const GroupBatch batch = group_batch(values, columns, group_size, first);
      const int64_t index = row * groups + first;
      const F32x16 sizes = batch.sizes();
      F32x16 means = {};
      if (mean) {
        means = round_to_scale_lanes(batch_sums(batch, [](F32x16 w, int32_t) { return w; }) / sizes, scale_dtype);
        store_scale_lanes(mean, scale_dtype, index, means, batch.groups);
      }
      const F32x16 distances = batch_sums(batch, [&](F32x16 w, int32_t g) { return absolute(w - means[g]); });
      const F32x16 scales = round_to_scale_lanes(distances / sizes, scale_dtype);
      store_scale_lanes(scale, scale_dtype, index, scales, batch.groups);
      const F32x16 uppers = scales + means, lowers = means - scales;
      for (int32_t g = 0; g < batch.groups; g++)
        write_signs<true>(values + ((int64_t)first + g) * group_size, batch.size(g), means[g], uppers[g], lowers[g],
                          bits);
    }
    bits.finish();
  }
}

void sign_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                 int32_t scales_per_row, int32_t scale_dtype, const void* mean, uint8_t* signs) {
  const int64_t row_bytes = ((int64_t)columns + 7) / 8;
  for (int64_t row = row_begin; row < row_end; row++) {
    BitRow bits(signs + row * row_bytes);
    for (int32_t group = 0; group < group_count(columns, group_size); group++) {
      const int64_t begin = (int64_t)group * group_size;
      const int32_t n = begin + group_size < columns ? group_size : (int32_t)(columns - begin);
      const float centre = mean ? load_scale(mean, scale_dtype, row * scales_per_row + (scales_per_row ? group : 0)) : 0;
      write_signs<false>((float*)values + row * columns + begin, n, centre, 0, 0, bits);
    }
    bits.finish();
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

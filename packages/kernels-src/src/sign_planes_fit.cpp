// Fits of several sign planes at once: alternating refinement (ARB) and binary coding. Codes are never kept: between
// rounds they follow from the levels, as the nearest of them.
#include "group_means.h"
#include "lowbit_kernels.h"
#include "scales.h"
#include "sign_bits.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

constexpr int MOST_PLANES = 4;

// Mean and scales of one group, and the 2^planes values that they decode to (bit i of the code: + scale i).
struct SignLevels {
  int planes = 0;
  float mean = 0;
  float scales[MOST_PLANES] = {};
  float levels[1 << MOST_PLANES] = {};

  inline void update() {
    for (int code = 0; code < 1 << planes; code++) {
      float level = ((code & 1) ? scales[0] : -scales[0]) + mean;
      for (int i = 1; i < planes; i++) level = level + ((code >> i & 1) ? scales[i] : -scales[i]);
      levels[code] = level;
    }
  }
  inline I32x16 nearest(F32x16 w) const {
    I32x16 code = {};
    F32x16 least = absolute(w - levels[0]);
    for (int candidate = 1; candidate < 1 << planes; candidate++) {
      const F32x16 distance = absolute(w - levels[candidate]);
      const I32x16 nearer = (I32x16)(distance < least);
      code = nearer ? I32x16{} + candidate : code;
      least = nearer ? distance : least;
    }
    return code;
  }
};

inline I32x16 plane_mask(I32x16 code, int plane) { return (I32x16)((code >> plane & 1) != 0); }
inline F32x16 signed_by(I32x16 mask, F32x16 v) { return mask ? v : -v; }

// Lane sum of map(w) over the group, divided by its size.
template <typename Map>
inline float group_mean(const float* values, int32_t n, Map map) {
  return tree_sum(partial_sums(values, n, map)) / (float)n;
}

// Hands sixteen weights and the number of them that count to `use`.
template <typename Use>
inline void for_sixteens(const float* values, int32_t n, Use use) {
  int32_t i = 0;
  for (; i + LANES <= n; i += LANES) use(load(values + i), LANES);
  if (i < n) use(load_part(values + i, n - i, 0.0f), n - i);
}

// Greedy scales: each is the mean of |what the planes before it leave|. With `stored` arrays each one is rounded before
// it is used.
inline F32x16 greedy_rest(F32x16 w, const SignLevels& fit, int planes) {
  F32x16 rest = w - fit.mean;
  for (int i = 0; i < planes; i++) rest = rest - signed_by((I32x16)(rest >= 0.0f), splat(fit.scales[i]));
  return rest;
}

void alternate(const float* values, int32_t n, int32_t iterations, SignLevels& fit) {
  const int planes = fit.planes;
  fit.mean = group_mean(values, n, [](F32x16 w) { return w; });
  for (int i = 0; i < planes; i++)
    fit.scales[i] = group_mean(values, n, [&](F32x16 w) { return absolute(greedy_rest(w, fit, i)); });
  fit.update();
  for (int32_t round = 0; round < iterations; round++) {
    fit.mean = group_mean(values, n, [&](F32x16 w) {
      const I32x16 code = fit.nearest(w);
      for (int i = 0; i < planes; i++) w = w - signed_by(plane_mask(code, i), splat(fit.scales[i]));
      return w;
    });
    for (int i = 0; i < planes; i++)
      fit.scales[i] = group_mean(values, n, [&](F32x16 w) {
        const I32x16 code = fit.nearest(w);
        F32x16 rest = w - fit.mean;
        for (int other = 0; other < planes; other++)
          if (other != i) rest = rest - signed_by(plane_mask(code, other), splat(fit.scales[other]));
        return signed_by(plane_mask(code, i), rest);
      });
    fit.update();
  }
}

// Least-squares scales for the nearest codes; the elimination of backend/reference/sign-least-squares.ts.
void least_squares_scales(const float* values, int32_t n, SignLevels& fit) {
  const int k = fit.planes;
  F32x16 sums[MOST_PLANES] = {};
  I32x16 unequal[MOST_PLANES][MOST_PLANES] = {};
  for_sixteens(values, n, [&](F32x16 w, int32_t used) {
    const I32x16 code = fit.nearest(w), counts = first_lanes(used);
    for (int p = 0; p < k; p++) {
      sums[p] = sums[p] + (F32x16)((I32x16)signed_by(plane_mask(code, p), w) & counts);
      for (int q = p + 1; q < k; q++) unequal[p][q] -= (plane_mask(code, p) ^ plane_mask(code, q)) & counts;
    }
  });
  double matrix[MOST_PLANES][MOST_PLANES], right[MOST_PLANES], scales[MOST_PLANES];
  for (int p = 0; p < k; p++) {
    right[p] = tree_sum(sums[p]);
    matrix[p][p] = n;
    for (int q = p + 1; q < k; q++) {
      int32_t count = 0;
      for (int i = 0; i < LANES; i++) count += unequal[p][q][i];
      matrix[p][q] = matrix[q][p] = (double)n - 2.0 * count;
    }
  }
  for (int p = 0; p < k; p++) {
    const double pivot = matrix[p][p];
    if (!(pivot > 1e-6 * n)) return;
    for (int q = p + 1; q < k; q++) {
      const double factor = matrix[q][p] / pivot;
      for (int c = p; c < k; c++) matrix[q][c] = matrix[q][c] - factor * matrix[p][c];
      right[q] = right[q] - factor * right[p];
    }
  }
  for (int p = k - 1; p >= 0; p--) {
    double rest = right[p];
    for (int c = p + 1; c < k; c++) rest = rest - matrix[p][c] * scales[c];
    scales[p] = rest / matrix[p][p];
  }
  for (int p = 0; p < k; p++) fit.scales[p] = (float)scales[p];
  fit.update();
}

}  // namespace

void sign_alternating_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                          int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                          void* scale1, void* scale2, void* mean) {
  const int32_t groups = group_count(columns, group_size);
  const int64_t row_bytes = ((int64_t)columns + 7) / 8;
  for (int64_t row = row_begin; row < row_end; row++) {
    BitRow rows[2] = {BitRow(signs1 + row * row_bytes), BitRow(planes > 1 ? signs2 + row * row_bytes : nullptr)};
    for (int32_t group = 0; group < groups; group++) {
      const int64_t begin = (int64_t)group * group_size, index = row * groups + group;
      const int32_t n = begin + group_size < columns ? group_size : (int32_t)(columns - begin);
      const float* weights = values + row * columns + begin;
      SignLevels fit;
      fit.planes = planes;
      alternate(weights, n, iterations, fit);
      fit.mean = store_scale(mean, scale_dtype, index, fit.mean);
      fit.scales[0] = store_scale(scale1, scale_dtype, index, fit.scales[0]);
      if (planes > 1) fit.scales[1] = store_scale(scale2, scale_dtype, index, fit.scales[1]);
      fit.update();
      for_sixteens(weights, n, [&](F32x16 w, int32_t used) {
        const I32x16 code = fit.nearest(w);
        for (int i = 0; i < planes; i++) rows[i].append(mask_bits(plane_mask(code, i)) & first_bits(used), used);
      });
    }
    for (int i = 0; i < planes; i++) rows[i].finish();
  }
}

void binary_coding_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                       int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                       uint8_t* signs3, uint8_t* signs4, void* scale1, void* scale2, void* scale3, void* scale4) {
  const int32_t groups = group_count(columns, group_size);
  const int64_t row_bytes = ((int64_t)columns + 7) / 8;
  uint8_t* const signs[MOST_PLANES] = {signs1, signs2, signs3, signs4};
  void* const stored[MOST_PLANES] = {scale1, scale2, scale3, scale4};
  for (int64_t row = row_begin; row < row_end; row++) {
    BitRow rows[MOST_PLANES] = {BitRow(signs1 + row * row_bytes), BitRow(nullptr), BitRow(nullptr), BitRow(nullptr)};
    for (int i = 1; i < planes; i++) rows[i] = BitRow(signs[i] + row * row_bytes);
    for (int32_t group = 0; group < groups; group++) {
      const int64_t begin = (int64_t)group * group_size, index = row * groups + group;
      const int32_t n = begin + group_size < columns ? group_size : (int32_t)(columns - begin);
      const float* weights = values + row * columns + begin;
      SignLevels fit;
      fit.planes = planes;
      for (int i = 0; i < planes; i++)
        fit.scales[i] = store_scale(stored[i], scale_dtype, index, group_mean(weights, n, [&](F32x16 w) {
                                      return absolute(greedy_rest(w, fit, i));
                                    }));
      fit.update();
      for (int32_t round = 0; round < iterations; round++) least_squares_scales(weights, n, fit);
      if (iterations > 0) {
        for (int i = 0; i < planes; i++) fit.scales[i] = store_scale(stored[i], scale_dtype, index, fit.scales[i]);
        fit.update();
      }
      for_sixteens(weights, n, [&](F32x16 w, int32_t used) {
        const I32x16 code = iterations > 0 ? fit.nearest(w) : I32x16{};
        F32x16 rest = w;
        for (int i = 0; i < planes; i++) {
          const I32x16 greedy = (I32x16)(rest >= 0.0f);
          rest = rest - signed_by(greedy, splat(fit.scales[i]));
          const I32x16 mask = iterations > 0 ? plane_mask(code, i) : greedy;
          rows[i].append(mask_bits(mask) & first_bits(used), used);
        }
      });
    }
    for (int i = 0; i < planes; i++) rows[i].finish();
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

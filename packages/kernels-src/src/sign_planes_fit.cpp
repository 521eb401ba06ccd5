// Fits of several sign planes at once: alternating refinement (ARB) and binary coding. Codes are never kept: between
// rounds they follow from the levels, as the nearest of them.
#include "group_means.h"
#include "lowbit_kernels.h"
#include "scales.h"
#include "sign_bits.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Mean and scales of one group, and the 2^planes values that they decode to (bit i of the code: + scale i).
template <int PLANES>
struct SignLevels {
  float mean = 0;
  float scales[PLANES] = {};
  float levels[1 << PLANES] = {};

  inline void update() {
    for (int code = 0; code < 1 << PLANES; code++) {
      float level = ((code & 1) ? scales[0] : -scales[0]) + mean;
      for (int i = 1; i < PLANES; i++) level = level + ((code >> i & 1) ? scales[i] : -scales[i]);
      levels[code] = level;
    }
  }
  inline I32x16 nearest(F32x16 w) const {
    I32x16 code = {};
    F32x16 least = absolute(w - levels[0]);
    for (int candidate = 1; candidate < 1 << PLANES; candidate++) {
      const F32x16 distance = absolute(w - levels[candidate]);
      const I32x16 nearer = below(distance, least);
      code = (nearer & candidate) | (~nearer & code);
      least = choose(nearer, distance, least);
    }
    return code;
  }
  inline bool is_finite() const {
    bool finite = true;
    for (int i = 0; i < PLANES; i++) finite = finite && __builtin_fabsf(scales[i]) < __builtin_inff();
    return finite;
  }
  inline bool equals(const SignLevels& other) const {
    bool same = mean == other.mean;
    for (int i = 0; i < PLANES; i++) same = same && scales[i] == other.scales[i];
    return same;
  }
};

inline I32x16 plane_mask(I32x16 code, int plane) { return -((code >> plane) & 1); }
inline F32x16 signed_by(I32x16 mask, F32x16 v) { return choose(mask, v, -v); }

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

// What the mean and the first `planes` greedy planes leave of w.
template <int PLANES>
inline F32x16 greedy_rest(F32x16 w, const SignLevels<PLANES>& fit, int planes) {
  F32x16 rest = w - fit.mean;
  for (int i = 0; i < planes; i++) rest = rest - signed_by(~below(rest, F32x16{}), splat(fit.scales[i]));
  return rest;
}

template <int PLANES>
inline void alternate(const float* values, int32_t n, int32_t iterations, SignLevels<PLANES>& fit) {
  fit.mean = group_mean(values, n, [](F32x16 w) { return w; });
  for (int i = 0; i < PLANES; i++)
    fit.scales[i] = group_mean(values, n, [&](F32x16 w) { return absolute(greedy_rest(w, fit, i)); });
  fit.update();
  for (int32_t round = 0; round < iterations; round++) {
    const SignLevels<PLANES> before = fit;
    fit.mean = group_mean(values, n, [&](F32x16 w) {
      const I32x16 code = fit.nearest(w);
      for (int i = 0; i < PLANES; i++) w = w - signed_by(plane_mask(code, i), splat(fit.scales[i]));
      return w;
    });
    for (int i = 0; i < PLANES; i++)
      fit.scales[i] = group_mean(values, n, [&](F32x16 w) {
        const I32x16 code = fit.nearest(w);
        F32x16 rest = w - fit.mean;
        for (int other = 0; other < PLANES; other++)
          if (other != i) rest = rest - signed_by(plane_mask(code, other), splat(fit.scales[other]));
        return signed_by(plane_mask(code, i), rest);
      });
    // A round that changes nothing would only be repeated.
    if (fit.equals(before)) return;
    fit.update();
  }
}

// Least-squares scales for the nearest codes; the elimination of backend/reference/sign-least-squares.ts.
template <int K>
inline void least_squares_scales(const float* values, int32_t n, SignLevels<K>& fit) {
  F32x16 sums[K] = {};
  I32x16 unequal[K][K] = {};
  for_sixteens(values, n, [&](F32x16 w, int32_t used) {
    const I32x16 code = fit.nearest(w), counts = first_lanes(used);
    for (int p = 0; p < K; p++) {
      sums[p] = sums[p] + (F32x16)((I32x16)signed_by(plane_mask(code, p), w) & counts);
      for (int q = p + 1; q < K; q++) unequal[p][q] -= (plane_mask(code, p) ^ plane_mask(code, q)) & counts;
    }
  });
  double matrix[K][K], right[K], scales[K];
  for (int p = 0; p < K; p++) {
    right[p] = tree_sum(sums[p]);
    matrix[p][p] = n;
    for (int q = p + 1; q < K; q++) {
      int32_t count = 0;
      for (int i = 0; i < LANES; i++) count += unequal[p][q][i];
      matrix[p][q] = matrix[q][p] = (double)n - 2.0 * count;
    }
  }
  for (int p = 0; p < K; p++) {
    const double pivot = matrix[p][p];
    if (!(pivot > 1e-6 * n)) return;
    for (int q = p + 1; q < K; q++) {
      const double factor = matrix[q][p] / pivot;
      for (int c = p; c < K; c++) matrix[q][c] = matrix[q][c] - factor * matrix[p][c];
      right[q] = right[q] - factor * right[p];
    }
  }
  for (int p = K - 1; p >= 0; p--) {
    double rest = right[p];
    for (int c = p + 1; c < K; c++) rest = rest - matrix[p][c] * scales[c];
    scales[p] = rest / matrix[p][p];
  }
  SignLevels<K> next = fit;
  for (int p = 0; p < K; p++) next.scales[p] = (float)scales[p];
  if (!next.is_finite()) return;
  fit = next;
  fit.update();
}

struct PlaneArrays {
  uint8_t* signs;
  void* scale;
};

struct FitShape {
  int32_t columns, group_size, scale_dtype, iterations;
};

// Calls use(weights, n, scale index, rows of bits) for every group, and finishes the rows of bits.
template <int PLANES, typename Use>
inline void for_groups(int32_t row_begin, int32_t row_end, const float* values, const FitShape& shape,
                       const PlaneArrays* planes, Use use) {
  const int32_t groups = group_count(shape.columns, shape.group_size);
  const int64_t row_bytes = ((int64_t)shape.columns + 7) / 8;
  for (int64_t row = row_begin; row < row_end; row++) {
    BitRow rows[PLANES];
    for (int i = 0; i < PLANES; i++) rows[i] = BitRow(planes[i].signs + row * row_bytes);
    for (int32_t group = 0; group < groups; group++) {
      const int64_t begin = (int64_t)group * shape.group_size;
      const int64_t left = shape.columns - begin;
      const int32_t n = left < shape.group_size ? (int32_t)left : shape.group_size;
      use(values + row * shape.columns + begin, n, row * groups + group, rows);
    }
    for (int i = 0; i < PLANES; i++) rows[i].finish();
  }
}

template <int PLANES>
inline void write_nearest(const float* values, int32_t n, const SignLevels<PLANES>& fit, BitRow* rows) {
  for_sixteens(values, n, [&](F32x16 w, int32_t used) {
    const I32x16 code = fit.nearest(w);
    for (int i = 0; i < PLANES; i++) rows[i].append(mask_bits(plane_mask(code, i)) & first_bits(used), used);
  });
}

// Plane i is the sign of what the planes before it leave.
template <int PLANES>
inline void write_greedy(const float* values, int32_t n, const SignLevels<PLANES>& fit, BitRow* rows) {
  for_sixteens(values, n, [&](F32x16 rest, int32_t used) {
    for (int i = 0; i < PLANES; i++) {
      const I32x16 mask = ~below(rest, F32x16{});
      rows[i].append(mask_bits(mask) & first_bits(used), used);
      rest = rest - signed_by(mask, splat(fit.scales[i]));
    }
  });
}

template <int PLANES>
inline void alternating_rows(int32_t row_begin, int32_t row_end, const float* values, const FitShape& shape,
                             const PlaneArrays* planes, void* mean) {
  for_groups<PLANES>(row_begin, row_end, values, shape, planes,
                     [&](const float* weights, int32_t n, int64_t index, BitRow* rows) {
    SignLevels<PLANES> fit;
    alternate(weights, n, shape.iterations, fit);
    fit.mean = store_scale(mean, shape.scale_dtype, index, fit.mean);
    for (int i = 0; i < PLANES; i++)
      fit.scales[i] = store_scale(planes[i].scale, shape.scale_dtype, index, fit.scales[i]);
    fit.update();
    write_nearest(weights, n, fit, rows);
  });
}

template <int PLANES>
inline void binary_coding_rows(int32_t row_begin, int32_t row_end, const float* values, const FitShape& shape,
                               const PlaneArrays* planes) {
  for_groups<PLANES>(row_begin, row_end, values, shape, planes,
                     [&](const float* weights, int32_t n, int64_t index, BitRow* rows) {
    SignLevels<PLANES> fit;
    for (int i = 0; i < PLANES; i++) {
      const float scale = group_mean(weights, n, [&](F32x16 w) { return absolute(greedy_rest(w, fit, i)); });
      fit.scales[i] = store_scale(planes[i].scale, shape.scale_dtype, index, scale);
    }
    if (shape.iterations == 0 || !fit.is_finite()) return write_greedy(weights, n, fit, rows);
    fit.update();
    for (int32_t round = 0; round < shape.iterations; round++) {
      const SignLevels<PLANES> before = fit;
      least_squares_scales(weights, n, fit);
      if (fit.equals(before)) break;
    }
    for (int i = 0; i < PLANES; i++)
      fit.scales[i] = store_scale(planes[i].scale, shape.scale_dtype, index, fit.scales[i]);
    fit.update();
    write_nearest(weights, n, fit, rows);
  });
}

}  // namespace

void sign_alternating_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                          int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                          void* scale1, void* scale2, void* mean) {
  const FitShape shape = {columns, group_size, scale_dtype, iterations};
  const PlaneArrays arrays[2] = {{signs1, scale1}, {signs2, scale2}};
  if (planes == 1) alternating_rows<1>(row_begin, row_end, values, shape, arrays, mean);
  else alternating_rows<2>(row_begin, row_end, values, shape, arrays, mean);
}

void binary_coding_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                       int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                       uint8_t* signs3, uint8_t* signs4, void* scale1, void* scale2, void* scale3, void* scale4) {
  const FitShape shape = {columns, group_size, scale_dtype, iterations};
  const PlaneArrays arrays[4] = {{signs1, scale1}, {signs2, scale2}, {signs3, scale3}, {signs4, scale4}};
  if (planes == 1) binary_coding_rows<1>(row_begin, row_end, values, shape, arrays);
  else if (planes == 2) binary_coding_rows<2>(row_begin, row_end, values, shape, arrays);
  else if (planes == 3) binary_coding_rows<3>(row_begin, row_end, values, shape, arrays);
  else binary_coding_rows<4>(row_begin, row_end, values, shape, arrays);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

// The errors of rows right after they are decoded, while they are in the first cache.
#include "error_sums.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

// Rows that are decoded before their errors are taken: enough to make calls cheap, few enough for the first cache.
constexpr int32_t TILE_WEIGHTS = 4096;

// `decode(begin, end, to)` adds the term's rows to `to`, in which row r begins at `to + r * columns`. All tiles of a range
// use the memory of its first one, so that decoded rows stay in the first cache.
template <typename Decode>
inline void decoded_errors(int32_t row_begin, int32_t row_end, const float* original, float* approximation,
                           int32_t columns, const ErrorFigures& to, Decode decode) {
  const int32_t tile_rows = columns >= TILE_WEIGHTS || columns == 0 ? 1 : TILE_WEIGHTS / columns;
  for (int32_t begin = row_begin; begin < row_end; begin += tile_rows) {
    const int32_t end = row_end - begin < tile_rows ? row_end : begin + tile_rows;
    float* tile = approximation + (int64_t)row_begin * columns;
    float* shifted = tile - (int64_t)begin * columns;
    __builtin_memset(tile, 0, (unsigned long)((int64_t)(end - begin) * columns * 4));
    decode(begin, end, shifted);
    for (int32_t row = begin; row < end; row++)
      row_errors(original + (int64_t)row * columns, shifted + (int64_t)row * columns, columns, to, row);
  }
}

}  // namespace

void affine_errors(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* zero,
                   int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t zero_kind,
                   int32_t scale_dtype, const float* original, float* approximation, double* signal, double* noise,
                   double* approximation_power, double* product, float* maximum, uint32_t* non_finite_count) {
  decoded_errors(row_begin, row_end, original, approximation, columns,
                 {signal, noise, approximation_power, product, maximum, non_finite_count},
                 [&](int32_t begin, int32_t end, float* to) {
                   affine_decode(begin, end, codes, scale, zero, columns, bits, group_size, one_scale, zero_kind,
                                 scale_dtype, to);
                 });
}

void sign_errors(int32_t row_begin, int32_t row_end, const uint8_t* signs, const void* scale, const void* mean,
                 const void* column_scale, const uint8_t* zone_map, int32_t columns, int32_t group_size,
                 int32_t one_scale, int32_t zones, int32_t scale_dtype, const float* original, float* approximation,
                 double* signal, double* noise, double* approximation_power, double* product, float* maximum,
                 uint32_t* non_finite_count) {
  decoded_errors(row_begin, row_end, original, approximation, columns,
                 {signal, noise, approximation_power, product, maximum, non_finite_count},
                 [&](int32_t begin, int32_t end, float* to) {
                   sign_decode(begin, end, signs, scale, mean, column_scale, zone_map, columns, group_size,
                               one_scale, zones, scale_dtype, to);
                 });
}

void ternary_errors(int32_t row_begin, int32_t row_end, const uint8_t* digits, const void* scale, int32_t columns,
                    int32_t group_size, int32_t one_scale, int32_t packing, int32_t scale_dtype, const float* original,
                    float* approximation, double* signal, double* noise, double* approximation_power, double* product,
                    float* maximum, uint32_t* non_finite_count) {
  decoded_errors(row_begin, row_end, original, approximation, columns,
                 {signal, noise, approximation_power, product, maximum, non_finite_count},
                 [&](int32_t begin, int32_t end, float* to) {
                   ternary_decode(begin, end, digits, scale, columns, group_size, one_scale, packing, scale_dtype,
                                  to);
                 });
}

void codebook_errors(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* table,
                     int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype,
                     const float* original, float* approximation, double* signal, double* noise,
                     double* approximation_power, double* product, float* maximum, uint32_t* non_finite_count) {
  decoded_errors(row_begin, row_end, original, approximation, columns,
                 {signal, noise, approximation_power, product, maximum, non_finite_count},
                 [&](int32_t begin, int32_t end, float* to) {
                   codebook_decode(begin, end, codes, scale, table, columns, bits, group_size, one_scale, scale_dtype,
                                   to);
                 });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

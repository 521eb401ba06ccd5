// C signatures of all kernels, the twin of packages/core/src/backend/ops/*.ts (which states what each one computes).
//
// Conventions: pointers need no alignment; `rows`, `columns` are int32_t; blocks are row-major and contiguous; term
// arrays are the bytes of the file. Scale arrays come as `const void*` / `void*` with a ScaleDtype. Kernels do not
// allocate: what they need beyond the stack comes as `scratch`. They return void, int32_t, uint32_t, float or double.
//
// Parameters are pointers, int32_t, uint32_t, float or double: never int64_t or size_t, which WASM hands over as
// BigInt, nor bool or enum types.
//
// A kernel that kernels.inc lists as KERNEL_SPLIT starts with `int32_t row_begin, int32_t row_end` and treats the rows
// of this range alone; arrays are passed whole. The native backend calls it from several threads with disjoint ranges,
// so it must not write anything that another range reads or writes (no shared scratch). Its int32_t result is added up.
//
// This header is read once per instruction set, with LOWBIT_ISA set to its name: it has no include guard.

#include <stdint.h>

#ifndef LOWBIT_KERNELS_ENUMS
#define LOWBIT_KERNELS_ENUMS
enum ScaleDtype { SCALE_F16 = 0, SCALE_BF16 = 1, SCALE_F32 = 2 };
enum ActivationKind { ACTIVATION_SILU = 0, ACTIVATION_GELU = 1, ACTIVATION_GELU_TANH = 2, ACTIVATION_RELU = 3, ACTIVATION_RELU2 = 4 };
enum AffineZero { ZERO_MIDPOINT = 0, ZERO_INTEGER = 1, ZERO_FLOAT = 2, ZERO_MINIMUM = 3 };
#endif

namespace lowbit {
namespace LOWBIT_ISA {
#ifdef __wasm__
extern "C" {  // a WASM module holds one instruction set, so its exports can have plain names
#endif

// --- dtype

// How many elements one "row" of the decode and encode kernels has: the unit in which threads share them.
#define LOWBIT_DTYPE_SPAN 4096

// Elements [4096·row_begin, min(count, 4096·row_end)) of `source` to f32. Returns how many are NaN or infinite.
int32_t decode_f16(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count);
int32_t decode_bf16(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count);
int32_t decode_f32(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count);
int32_t decode_f64(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count);
// Dtypes of at most 8 bits through a table of all codes; codes are packed lowest bits first, `bits` is 4, 6 or 8.
int32_t decode_table(int32_t row_begin, int32_t row_end, const void* source, float* target, int32_t count, int32_t bits,
                     const float* table);

// The reverse, half to even.
void encode_f16(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count);
void encode_bf16(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count);
void encode_f32(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count);
void encode_f64(int32_t row_begin, int32_t row_end, const float* source, void* target, int32_t count);

// --- decode: target[rows, columns] += decode(term). `one_scale`: granularity "tensor", scale arrays have one row.

// zero: zeroPoint or minimum by `zero_kind` (AffineZero), null for midpoint.
void affine_decode(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* zero,
                   int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t zero_kind,
                   int32_t scale_dtype, float* target);
// mean, column_scale and zone_map are null where the layout has none.
void sign_decode(int32_t row_begin, int32_t row_end, const uint8_t* signs, const void* scale, const void* mean,
                 const void* column_scale, const uint8_t* zone_map, int32_t columns, int32_t group_size,
                 int32_t one_scale, int32_t zones, int32_t scale_dtype, float* target);
// packing: TritPacking of trits.h.
void ternary_decode(int32_t row_begin, int32_t row_end, const uint8_t* digits, const void* scale, int32_t columns,
                    int32_t group_size, int32_t one_scale, int32_t packing, int32_t scale_dtype, float* target);
void codebook_decode(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* table,
                     int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype,
                     float* target);
// index_bytes: 2 or 4. Row starts and columns must have been checked.
void sparse_decode(int32_t row_begin, int32_t row_end, const uint8_t* row_starts, const uint8_t* column_indices,
                   const void* values, int32_t columns, int32_t index_bytes, int32_t value_dtype, float* target);
// covered_columns (U32) is null where the term covers all.
void dense_decode(int32_t row_begin, int32_t row_end, const void* values, const uint8_t* covered_columns,
                  int32_t columns, int32_t covered, int32_t value_dtype, float* target);

// --- statistics

void row_statistics(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, float* minimum,
                    float* maximum, float* abs_maximum, double* sum, double* sum2, double* sum3, double* sum4,
                    uint32_t* nan_count, uint32_t* infinite_count, uint32_t* zero_count);
// counts[65536] += how often each of `count` little-endian 16-bit words occurs.
void histogram16(const uint8_t* source, int32_t count, uint32_t* counts);
// The same for the upper halves of f32.
void histogram_floats(const float* values, int32_t count, uint32_t* counts);
void outlier_tiles(const float* values, int32_t rows, int32_t columns, int32_t tile_rows, int32_t tile_columns,
                   double threshold, float* abs_maximum, uint32_t* outlier_count);
void error_statistics(int32_t row_begin, int32_t row_end, const float* original, const float* approximation,
                      int32_t columns, double* signal, double* noise, double* approximation_power, double* product,
                      float* maximum, uint32_t* non_finite_count);
// decode of one term into `approximation` (overwritten), then error_statistics, some rows at a time.
void affine_errors(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* zero,
                   int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t zero_kind,
                   int32_t scale_dtype, const float* original, float* approximation, double* signal, double* noise,
                   double* approximation_power, double* product, float* maximum, uint32_t* non_finite_count);
void sign_errors(int32_t row_begin, int32_t row_end, const uint8_t* signs, const void* scale, const void* mean,
                 const void* column_scale, const uint8_t* zone_map, int32_t columns, int32_t group_size,
                 int32_t one_scale, int32_t zones, int32_t scale_dtype, const float* original, float* approximation,
                 double* signal, double* noise, double* approximation_power, double* product, float* maximum,
                 uint32_t* non_finite_count);
void ternary_errors(int32_t row_begin, int32_t row_end, const uint8_t* digits, const void* scale, int32_t columns,
                    int32_t group_size, int32_t one_scale, int32_t packing, int32_t scale_dtype, const float* original,
                    float* approximation, double* signal, double* noise, double* approximation_power, double* product,
                    float* maximum, uint32_t* non_finite_count);
void codebook_errors(int32_t row_begin, int32_t row_end, const uint8_t* codes, const void* scale, const void* table,
                     int32_t columns, int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype,
                     const float* original, float* approximation, double* signal, double* noise,
                     double* approximation_power, double* product, float* maximum, uint32_t* non_finite_count);

// --- transforms

// In place, spans of `size` (a power of two that divides columns); `scale` is 1/sqrt(size) rounded to f32.
void walsh_hadamard(int32_t row_begin, int32_t row_end, float* values, int32_t columns, int32_t size, double scale);

// --- multiply: y[token, row] += Σ_column w[row, column] · x[token, column], y [tokens, rows]
//
// `shared_scale` 1: one row of scales (and zeros) for the whole tensor. `columns` of dense terms are the covered ones,
// and x holds only these. `planes` and `x_sums` come from the kernels below, of groups of `group_size`; planes are
// null unless codes of 1, 2, 4 or 8 bits meet groups of whole multiples of 16 bytes (or one group a row).

// Per token: scale = absmax / largest, codes half to even, −largest … largest (<= 127); scale 0 gives codes 0.
void quantize_activations(const float* x, int32_t tokens, int32_t columns, int32_t largest, int8_t* codes,
                          float* scale);
// x of a group as fixed-point numbers: x ≈ scale · (d0 + 2^8·d1 + 2^16·d2), half to even, d [tokens, 3, columns], scale (a
// power of two) and sums of x [tokens, groups]. Returns 0 where a group has none: not finite, or all below 2^-100 but not 0.
int32_t float_digits(const float* x, int32_t tokens, int32_t columns, int32_t group_size, int8_t* digits, float* scale,
                     float* sums);
// Plane f of a token holds x[f], x[f + fields], …, padded with zeros to a multiple of 64 elements.
void int8_planes(const int8_t* x, int32_t tokens, int32_t columns, int32_t fields, int8_t* planes);
void float_planes(const float* x, int32_t tokens, int32_t columns, int32_t fields, float* planes);
// sums [tokens, groups].
void int8_group_sums(const int8_t* x, int32_t tokens, int32_t columns, int32_t group_size, int32_t* sums);
void float_group_sums(const float* x, int32_t tokens, int32_t columns, int32_t group_size, float* sums);

// `zero`: zero points (integer, float), minimums (minimum), or null (midpoint).
void affine_multiply_int8(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                          int32_t bits, int32_t group_size, int32_t shared_scale, int32_t zero_kind, const void* scale,
                          int32_t scale_dtype, const void* zero, const int8_t* x, const int8_t* planes,
                          const int32_t* x_sums, const float* x_scale, int32_t tokens, float* y);
void ternary_multiply_int8(int32_t row_begin, int32_t row_end, const void* digits, int32_t rows, int32_t columns,
                           int32_t packing, int32_t group_size, int32_t shared_scale, const void* scale,
                           int32_t scale_dtype, const int8_t* x, const int8_t* planes, const int32_t* x_sums,
                           const float* x_scale, int32_t tokens, float* y);
// `mean` and `zone_map` null for none.
void sign_multiply_int8(int32_t row_begin, int32_t row_end, const void* signs, int32_t rows, int32_t columns,
                        int32_t group_size, int32_t shared_scale, int32_t zones, const void* scale,
                        int32_t scale_dtype, const void* mean, const void* zone_map, const int8_t* x,
                        const int8_t* planes, const int32_t* x_sums, const float* x_scale, int32_t tokens, float* y);

// `planes`: of codes of 8 bits float planes, of less bits int8 planes of the digits of x (each digit as a token), whose
// scales are `x_scale`. `panels`: the activations of many tokens as left operand of matmul_pack, with which x, planes and sums are not used;
// null for few tokens.
void affine_multiply(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                     int32_t bits, int32_t group_size, int32_t shared_scale, int32_t zero_kind, const void* scale,
                     int32_t scale_dtype, const void* zero, const float* x, const void* planes, const float* x_sums,
                     const float* x_scale, const float* panels, int32_t tokens, float* y);
void ternary_multiply(int32_t row_begin, int32_t row_end, const void* digits, int32_t rows, int32_t columns,
                      int32_t packing, int32_t group_size, int32_t shared_scale, const void* scale,
                      int32_t scale_dtype, const float* x, const void* planes, const float* x_sums,
                      const float* x_scale, const float* panels, int32_t tokens, float* y);
// `column_scale` not null only without planes.
void sign_multiply(int32_t row_begin, int32_t row_end, const void* signs, int32_t rows, int32_t columns,
                   int32_t group_size, int32_t shared_scale, int32_t zones, const void* scale, int32_t scale_dtype,
                   const void* mean, const void* column_scale, const void* zone_map, const float* x,
                   const void* planes, const float* x_sums, const float* x_scale, const float* panels, int32_t tokens,
                   float* y);
void codebook_multiply(int32_t row_begin, int32_t row_end, const void* codes, int32_t rows, int32_t columns,
                       int32_t bits, int32_t group_size, int32_t shared_scale, const void* scale, int32_t scale_dtype,
                       const void* table, const float* x, const float* panels, int32_t tokens, float* y);
void dense_multiply(int32_t row_begin, int32_t row_end, const void* values, int32_t rows, int32_t columns,
                    int32_t dtype, const float* x, const float* panels, int32_t tokens, float* y);
// `wide_indices` 1: U32 column indices, 0: U16.
void sparse_multiply(int32_t row_begin, int32_t row_end, const void* row_starts, const void* column_indices,
                     int32_t wide_indices, const void* values, int32_t dtype, int32_t rows, int32_t columns,
                     const float* x, int32_t tokens, float* y);

// c[i, j] = Σ_l a[i, l] · b[j, l], added to c with `accumulate`; i < m, j < n, l < k; element (i, l) of a at
// a[i · a_row_stride + l · a_column_stride]. Threads share units of LOWBIT_PANEL_ROWS rows of a left operand (a) or
// LOWBIT_PANEL_COLUMNS rows of a right one (b).
#define LOWBIT_PANEL_ROWS 24
#define LOWBIT_PANEL_COLUMNS 32

// An operand as panels of all its `depth` columns: `packed` has `rows`, rounded up to whole units, times `depth` floats.
void matmul_pack(int32_t unit_begin, int32_t unit_end, const float* source, int32_t row_stride, int32_t column_stride,
                 int32_t rows, int32_t depth, int32_t is_left, float* packed);
// Units of rows of a; b packed as right operand.
void matmul_rows(int32_t unit_begin, int32_t unit_end, const float* a, int32_t a_row_stride, int32_t a_column_stride,
                 const float* packed, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t m, int32_t n,
                 int32_t k, int32_t accumulate);
// Units of columns of c; a packed as left operand.
void matmul_columns(int32_t unit_begin, int32_t unit_end, const float* packed, const float* b, int32_t b_row_stride,
                    int32_t b_column_stride, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t m,
                    int32_t n, int32_t k, int32_t accumulate);
// Rows of a, against n rows of b that are few; columns lie side by side.
void matmul_few(int32_t row_begin, int32_t row_end, const float* a, int32_t a_row_stride, const float* b,
                int32_t b_row_stride, float* c, int32_t c_row_stride, int32_t c_column_stride, int32_t n, int32_t k,
                int32_t accumulate);

// Sum of all words, read as four interleaved streams: what memory can deliver.
int32_t read_bandwidth(int32_t row_begin, int32_t row_end, const void* source, int32_t row_bytes);

// --- norms, rotary embedding, activations, rows
//
// `kind`: ActivationKind. Spans are LOWBIT_DTYPE_SPAN elements of `count`, or LOWBIT_COLUMN_SPAN columns.

// How many columns one "row" of the kernels that sum over rows has.
#define LOWBIT_COLUMN_SPAN 64

// y may be x.
void rms_norm(int32_t row_begin, int32_t row_end, const float* x, const float* weight, float* y, int32_t columns,
              double epsilon);
// bias null: 0.
void layer_norm(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* bias, float* y,
                int32_t columns, double epsilon);
// Adds to dx, and writes what norm_weight_gradient takes: the center and the inverse root of every row.
void rms_norm_gradient(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* dy,
                       float* dx, double* centers, double* inverse_roots, int32_t columns, double epsilon);
void layer_norm_gradient(int32_t row_begin, int32_t row_end, const float* x, const float* weight, const float* dy,
                         float* dx, double* centers, double* inverse_roots, int32_t columns, double epsilon);
// d_weight[c] += Σ_r (x[r, c] − centers[r]) · inverse_roots[r] · dy[r, c].
void norm_weight_gradient(int32_t span_begin, int32_t span_end, const float* x, const float* dy, const double* centers,
                          const double* inverse_roots, int32_t rows, int32_t columns, float* d_weight);

// cosines and sines [any, rotary_size / 2], of every position of `positions`.
void rotary_embedding(int32_t row_begin, int32_t row_end, float* values, const float* cosines, const float* sines,
                      const uint32_t* positions, int32_t columns, int32_t head_size, int32_t rotary_size,
                      int32_t inverse);

// y may be an input.
void activation(int32_t span_begin, int32_t span_end, const float* x, float* y, int32_t count, int32_t kind);
void gated_activation(int32_t span_begin, int32_t span_end, const float* gate, const float* up, float* y, int32_t count,
                      int32_t kind);
void activation_gradient(int32_t span_begin, int32_t span_end, const float* x, const float* dy, float* dx,
                         int32_t count, int32_t kind);
void gated_activation_gradient(int32_t span_begin, int32_t span_end, const float* gate, const float* up,
                               const float* dy, float* d_gate, float* d_up, int32_t count, int32_t kind);

void add_to(int32_t span_begin, int32_t span_end, const float* x, float* y, int32_t count);
void add_bias(int32_t row_begin, int32_t row_end, const float* bias, float* y, int32_t columns);
// Row numbers must have been checked.
void gather_rows(int32_t row_begin, int32_t row_end, const void* table, const uint32_t* rows, float* target,
                 int32_t columns, int32_t dtype);
void scatter_rows(int32_t span_begin, int32_t span_end, const uint32_t* rows, const float* dy, float* d_table,
                  int32_t count, int32_t columns);
void add_column_sums(int32_t span_begin, int32_t span_end, const float* x, int32_t rows, int32_t columns,
                     float* target);

// --- affine and codebook fits: a block [rows, columns] into the arrays of a term; `zero` as in affine_decode.

// Most iterations of affine_half_quadratic_fit.
#define LOWBIT_MOST_ITERATIONS 100

// steps: candidates of the shrink search, 1 for none; exponent of its error.
void affine_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                int32_t group_size, int32_t zero_kind, int32_t scale_dtype, uint8_t* codes, void* scale, void* zero,
                int32_t include_zero, int32_t steps, double exponent);
void affine_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                   int32_t group_size, int32_t one_scale, int32_t zero_kind, int32_t scale_dtype, uint8_t* codes,
                   const void* scale, const void* zero);
// zero kind ZERO_FLOAT.
void affine_half_quadratic_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns,
                               int32_t bits, int32_t group_size, int32_t scale_dtype, uint8_t* codes, void* scale,
                               void* zero_point, int32_t iterations, double beta, double kappa, double norm);
// table: F32 [2^bits], in any order.
void codebook_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns, int32_t bits,
                  int32_t group_size, int32_t scale_dtype, uint8_t* codes, void* scale, const void* table);
void codebook_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t rows, int32_t columns,
                     int32_t bits, int32_t group_size, int32_t one_scale, int32_t scale_dtype, uint8_t* codes,
                     const void* scale, const void* table);

// --- sign and ternary fits
//
// `scales_per_row`: how far the scale index moves from row to row, 0 when the whole tensor shares one scale.

// `mean` null for none. Subtracts what the term decodes to from `residual`.
void sign_fit(int32_t row_begin, int32_t row_end, float* residual, int32_t columns, int32_t group_size,
              int32_t scale_dtype, uint8_t* signs, void* scale, void* mean);
void sign_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                 int32_t scales_per_row, int32_t scale_dtype, const void* mean, uint8_t* signs);
// Arrays of planes that are not fitted are null.
void sign_alternating_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                          int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                          void* scale1, void* scale2, void* mean);
void binary_coding_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                       int32_t scale_dtype, int32_t planes, int32_t iterations, uint8_t* signs1, uint8_t* signs2,
                       uint8_t* signs3, uint8_t* signs4, void* scale1, void* scale2, void* scale3, void* scale4);
// packing: TritPacking of trits.h; rule: 0 absmean, 1 twn, 2 least-squares.
void ternary_fit(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                 int32_t scale_dtype, int32_t packing, int32_t rule, uint8_t* digits, void* scale);
void ternary_encode(int32_t row_begin, int32_t row_end, const float* values, int32_t columns, int32_t group_size,
                    int32_t scales_per_row, int32_t scale_dtype, int32_t packing, int32_t has_threshold,
                    float threshold, const void* scale, uint8_t* digits);

// target[c] += Σ_r |values[r, c]| · row_weights[r] for the columns of the range.
void abs_column_sums(int32_t column_begin, int32_t column_end, const float* values, int32_t rows, int32_t columns,
                     const double* row_weights, double* target);
// target[r] = Σ_c |values[r, c]| · column_weights[c].
void abs_row_sums(int32_t row_begin, int32_t row_end, const float* values, int32_t columns,
                  const double* column_weights, double* target);

// --- attention and losses

// A unit is (block of `unit_queries` queries, from the last one; sequence; key head), the last one varying fastest: all
// rows of y of these queries and of the heads that read the key head.
void attention(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
               int32_t sequences, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
               int32_t key_heads, int32_t head_size, float scale, int32_t window, int32_t unit_queries, float* y);
// The same for few queries. A unit is (sequence, span of `span_keys` keys from the first that a query sees), the last one
// varying fastest; its part has, for every (key head, query, head that reads it), the largest score,
// Σ e^(score − largest) and the values with these weights.
void attention_few(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
                   int32_t sequences, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
                   int32_t key_heads, int32_t head_size, float scale, int32_t window, int32_t span_keys, float* parts);
// Rows of y (sequence, query, head) from their parts.
void attention_join(int32_t row_begin, int32_t row_end, const float* parts, int32_t spans, int32_t query_length,
                    int32_t heads, int32_t key_heads, int32_t head_size, float* y);
// A unit is (sequence, key head), the last one varying fastest. Each has `unit_floats` of scratch of its own, that of
// `first_unit` first: twice LOWBIT_GRADIENT_ROWS rows of keys, rounded up to blocks of 64.
#define LOWBIT_GRADIENT_ROWS 96
void attention_gradient(int32_t unit_begin, int32_t unit_end, const float* q, const float* keys, const float* values,
                        int32_t sequences, int32_t query_length, int32_t key_length, int32_t key_stride, int32_t heads,
                        int32_t key_heads, int32_t head_size, float scale, int32_t window, const float* dy, float* dq,
                        float* d_keys, float* d_values, int32_t first_unit, int32_t unit_floats, float* scratch);

// Logits [rows, columns]; targets are columns.
void cross_entropy(int32_t row_begin, int32_t row_end, const float* logits, int32_t columns, const uint32_t* targets,
                   double* losses);
void cross_entropy_gradient(int32_t row_begin, int32_t row_end, const float* logits, int32_t columns,
                            const uint32_t* targets, double scale, float* d_logits);
void divergence(int32_t row_begin, int32_t row_end, const float* p, const float* q, int32_t columns, double* result,
                uint8_t* same_top);

// Adds xᵀ·x of x [tokens <= LOWBIT_GRAM_TOKENS, features] to the lower triangle, which is f32 or f64 (the other pointer
// is null): features of the units, LOWBIT_PANEL_ROWS each and from the last one, by `count` features from `first` on,
// which `packed` holds as right operand of matmul_pack.
#define LOWBIT_GRAM_TOKENS 256
void gram_accumulate(int32_t unit_begin, int32_t unit_end, const float* x, int32_t tokens, int32_t features,
                     const float* packed, int32_t first, int32_t count, float* narrow, double* wide);

// --- factorisation: the panels of inverse_factor.cpp, from the last one to the first
//
// A panel is `count` (<= LOWBIT_FACTOR_PANEL) `rows` [count, size] of the matrix, from row `begin` on, a multiple of
// LOWBIT_FACTOR_UNIT.
#define LOWBIT_FACTOR_UNIT 24
#define LOWBIT_FACTOR_PANEL 96

// Factors the block of the panel on the diagonal: `block` is [count, count] of working memory, `inverse` [count,
// LOWBIT_FACTOR_PANEL] holds column after column of R⁻¹ of the block, then zeros. Returns −1, or the row whose pivot is not
// a positive finite number.
int32_t inverse_factor_diagonal(const double* rows, int32_t size, int32_t begin, int32_t count, double* block,
                                double* inverse);
// The panel, times R⁻¹, into `packed` [size rounded up to units, count]; its columns from `begin` on also into the rows of
// `target` [count, size]. Units of columns.
void inverse_factor_panel(int32_t unit_begin, int32_t unit_end, const double* rows, int32_t size, int32_t begin,
                          int32_t count, const double* inverse, double* packed, float* target);
// Takes the panel's products off the rows before it, `matrix` [begin, size]: units of rows, from the last one.
void inverse_factor_update(int32_t unit_begin, int32_t unit_end, const double* packed, int32_t size, int32_t begin,
                           int32_t count, double* matrix);

// --- blocks of GGUF that search for scales: 256 weights a block, 32 for iq4_nl
void q2_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q3_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q4_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q5_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q6_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void iq4_nl_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void iq4_xs_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);

// The least Σ importance · (w − ŵ)²; importance [per_row · weights of a block] of the columns, or null for 1.
void q2_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
              const float* importance, uint8_t* blocks);
void q3_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
              const float* importance, uint8_t* blocks);
void q4_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
              const float* importance, uint8_t* blocks);
void q5_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
              const float* importance, uint8_t* blocks);
void q6_k_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
              const float* importance, uint8_t* blocks);
void iq4_nl_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
                const float* importance, uint8_t* blocks);
void iq4_xs_fit(int32_t block_begin, int32_t block_end, const float* values, int32_t per_row,
                const float* importance, uint8_t* blocks);

// --- error feedback: every row by itself
//
// `weights` and `codes` are [rows, columns], `factor` is row `first` of U and those behind it, and `errors` starts with
// column `first`. Grid i takes five numbers of `grid_table`: 1 for affine or 0 for values, levels, groups, and where in
// `grid_values` its scale or values, and its zero, begin. zones is null where all weights use grid 0; zone `grid_count` is
// kept, and so are weights with a squared error above `threshold`.
#define LOWBIT_FEEDBACK_GRIDS 16
void error_feedback(int32_t row_begin, int32_t row_end, float* weights, int32_t columns, int32_t first, int32_t count,
                    int32_t end, const float* factor, float* errors, int32_t error_stride, uint8_t* codes,
                    const uint32_t* group_of, const int32_t* grid_table, const float* grid_values, int32_t grid_count,
                    uint8_t* zones, float threshold);

// --- blocks of GGUF: blocks [block_begin, block_end) of consecutive finite weights, byte for byte as ggml's rules
void q4_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q4_1_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q5_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q5_1_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q8_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void tq1_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void tq2_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q1_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void q2_0_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void mxfp4_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);
void nvfp4_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks);

#ifdef __wasm__
}
#endif
}  // namespace LOWBIT_ISA
}  // namespace lowbit

// ggml's rules for the types that search for scales: Q2_K … Q6_K, IQ4_NL, IQ4_XS (core/src/blocks).
#include "lowbit_kernels.h"
#include "super_block_fields.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

template <int N, int BYTES, typename Fields, typename Write>
inline void encode_super_blocks(int32_t begin, int32_t end, const float* values, uint8_t* blocks, Fields fields,
                                Write write) {
  constexpr int BATCH = SUPER_BLOCKS<N>;
  SuperBlock batch[BATCH];
  LaneFields<N> lanes = {};
  F32x16 x[N];
  for (int32_t b = begin; b < end; b += BATCH) {
    const int part = end - b < BATCH ? end - b : BATCH;
    load_sub_blocks(values + (int64_t)b * SUPER_BLOCK, part * SUB_BLOCKS<N>, x);
    fields(x, lanes);
    store_fields(lanes, batch);
    for (int k = 0; k < part; k++) write(batch[k], blocks + (int64_t)(b + k) * BYTES);
  }
}

}  // namespace

void q2_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<16, 84>(block_begin, block_end, values, blocks, q2_k_fields, write_q2_k);
}

void q3_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<16, 110>(block_begin, block_end, values, blocks, q3_k_fields, write_q3_k);
}

void q4_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<32, 144>(block_begin, block_end, values, blocks, q4_k_fields, write_q4_k);
}

void q5_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<32, 176>(block_begin, block_end, values, blocks, q5_k_fields, write_q5_k);
}

void q6_k_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<16, 210>(block_begin, block_end, values, blocks, q6_k_fields, write_q6_k);
}

void iq4_xs_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  encode_super_blocks<32, 136>(block_begin, block_end, values, blocks, iq4_xs_fields, write_iq4_xs);
}

void iq4_nl_encode(int32_t block_begin, int32_t block_end, const float* values, uint8_t* blocks) {
  F32x16 x[32], codes[32];
  for (int32_t b = block_begin; b < block_end; b += LANES) {
    const int part = block_end - b < LANES ? block_end - b : LANES;
    load_sub_blocks(values + (int64_t)b * 32, part, x);
    const F32x16 scale = iq4_nl_codes(x, codes);
    write_iq4_nl(scale, codes, part, blocks + (int64_t)b * 18);
  }
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

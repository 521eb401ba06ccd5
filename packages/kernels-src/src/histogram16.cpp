// Counting 16-bit words: one counter each, 256 KiB in all, of which the weights of a model use a few thousand.
//
// One store a word is the limit (a core stores once a cycle), so nothing is gained by several tables: measured, two or
// four cost more for clearing and joining than they save. What would be slow are runs of one value (every increment
// waits for the store before it), and zeros come in runs: a span of equal words is counted at once.
#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

namespace {

constexpr int SPAN_BYTES = 64;
constexpr int SPAN_LOADS = SPAN_BYTES / 8;

inline uint64_t load_u64(const uint8_t* from) {
  uint64_t v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

inline bool is_one_value(const uint8_t* span, uint64_t first, uint64_t mask) {
  uint64_t difference = 0;
  for (int i = 0; i < SPAN_LOADS; i++) difference |= (load_u64(span + 8 * i) ^ first) & mask;
  return difference == 0;
}

inline void prefetch_span(const uint8_t* span) {
#if !defined(__wasm__)
  __builtin_prefetch(span + 1024);
#else
  (void)span;
#endif
}

}  // namespace

void histogram16(const uint8_t* source, int32_t count, uint32_t* counts) {
  const uint8_t* const end = source + (int64_t)count * 2;
  for (; end - source >= SPAN_BYTES; source += SPAN_BYTES) {
    prefetch_span(source);
    const uint64_t first = load_u64(source);
    if (first == ((first << 16) | (first >> 48)) && is_one_value(source, first, UINT64_MAX)) {
      counts[first & 0xffff] += SPAN_BYTES / 2;
      continue;
    }
#pragma GCC unroll 8
    for (int i = 0; i < SPAN_LOADS; i++) {
      const uint64_t words = load_u64(source + 8 * i);
      counts[words & 0xffff]++;
      counts[(words >> 16) & 0xffff]++;
      counts[(words >> 32) & 0xffff]++;
      counts[words >> 48]++;
    }
  }
  for (; source < end; source += 2) counts[source[0] | (uint32_t)source[1] << 8]++;
}

void histogram_floats(const float* values, int32_t count, uint32_t* counts) {
  const uint64_t upper = 0xffff0000ffff0000u;
  const uint8_t* source = (const uint8_t*)values;
  const uint8_t* const end = source + (int64_t)count * 4;
  for (; end - source >= SPAN_BYTES; source += SPAN_BYTES) {
    prefetch_span(source);
    const uint64_t first = load_u64(source);
    if (((first ^ (first << 32)) >> 48) == 0 && is_one_value(source, first, upper)) {
      counts[first >> 48] += SPAN_BYTES / 4;
      continue;
    }
#pragma GCC unroll 8
    for (int i = 0; i < SPAN_LOADS; i++) {
      const uint64_t pair = load_u64(source + 8 * i);
      counts[(pair >> 16) & 0xffff]++;
      counts[pair >> 48]++;
    }
  }
  for (; source < end; source += 4) counts[source[2] | (uint32_t)source[3] << 8]++;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

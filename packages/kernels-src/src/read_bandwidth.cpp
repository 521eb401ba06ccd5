// The limit that every kernel is measured against: how fast memory can be read at all.
#include "lowbit_kernels.h"
#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// Four interleaved streams: one stream alone leaves the memory controller waiting.
int32_t read_bandwidth(int32_t row_begin, int32_t row_end, const void* source, int32_t row_bytes) {
  const uint8_t* from = (const uint8_t*)source + (int64_t)row_begin * row_bytes;
  const int64_t bytes = (int64_t)(row_end - row_begin) * row_bytes;
  const int64_t quarter = bytes / 4 / REGISTER_BYTES * REGISTER_BYTES;
  IntRegister sums[4] = {};
  for (int64_t at = 0; at < quarter; at += REGISTER_BYTES)
    for (int stream = 0; stream < 4; stream++) {
      prefetch(from + stream * quarter + at + 1024);
      sums[stream] += load_register<IntRegister>(from + stream * quarter + at);
    }
  int32_t sum = register_sum(sums[0] + sums[1] + sums[2] + sums[3]);
  for (int64_t at = 4 * quarter; at < bytes; at++) sum += from[at];
  return sum;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

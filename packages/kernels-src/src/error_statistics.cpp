// Signal, noise and their products of every row of a weight and its approximation.
#include "error_sums.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

void error_statistics(int32_t row_begin, int32_t row_end, const float* original, const float* approximation,
                      int32_t columns, double* signal, double* noise, double* approximation_power, double* product,
                      float* maximum, uint32_t* non_finite_count) {
  const ErrorFigures to = {signal, noise, approximation_power, product, maximum, non_finite_count};
  for (int32_t row = row_begin; row < row_end; row++)
    row_errors(original + (int64_t)row * columns, approximation + (int64_t)row * columns, columns, to, row);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit

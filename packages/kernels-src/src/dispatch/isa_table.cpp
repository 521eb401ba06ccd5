// The kernel table of one instruction set: compiled once for each, with LOWBIT_ISA set to its name.
#include "kernel_table.h"

#include "../../include/lowbit_kernels.h"

#define LOWBIT_JOIN_(a, b) a##b
#define LOWBIT_JOIN(a, b) LOWBIT_JOIN_(a, b)

namespace lowbit {

extern const KernelTable LOWBIT_JOIN(table_, LOWBIT_ISA);
const KernelTable LOWBIT_JOIN(table_, LOWBIT_ISA) = {
#define KERNEL(name) LOWBIT_ISA::name,
#define KERNEL_SPLIT(name) KERNEL(name)
#include "kernels.inc"
#undef KERNEL_SPLIT
#undef KERNEL
};

}  // namespace lowbit

// One table of function pointers per instruction set. The signatures come from lowbit_kernels.h, read here under a name
// of its own (`signature`) that nothing defines.
#pragma once

#pragma push_macro("LOWBIT_ISA")
#undef LOWBIT_ISA
#define LOWBIT_ISA signature
#include "../../include/lowbit_kernels.h"
#pragma pop_macro("LOWBIT_ISA")

namespace lowbit {

struct KernelTable {
#define KERNEL(name) decltype(&signature::name) name;
#define KERNEL_SPLIT(name) KERNEL(name)
#include "kernels.inc"
#undef KERNEL_SPLIT
#undef KERNEL
};

}  // namespace lowbit

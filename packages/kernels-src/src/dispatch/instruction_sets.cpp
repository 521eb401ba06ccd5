#include "instruction_sets.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace lowbit {

#if defined(__x86_64__)

extern const KernelTable table_scalar, table_avx2, table_avx512, table_avx512vnni;

const InstructionSet* instruction_sets(int* count) {
  // The operating system must save the wide registers too: __builtin_cpu_supports asks XGETBV as well.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool vnni = avx512 && __builtin_cpu_supports("avx512vnni");
  static InstructionSet sets[4];
  sets[0] = {"avx512vnni", &table_avx512vnni, vnni, "AVX-512 F, BW, DQ, VL and VNNI"};
  sets[1] = {"avx512", &table_avx512, avx512, "AVX-512 F, BW, DQ and VL"};
  sets[2] = {"avx2", &table_avx2, avx2, "AVX2, FMA and F16C"};
  sets[3] = {"scalar", &table_scalar, true, "any x86-64"};
  *count = 4;
  return sets;
}

#elif defined(__aarch64__)

extern const KernelTable table_scalar, table_neon, table_neon_dotprod;

static bool has_dotprod() {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & (1ul << 20)) != 0;  // HWCAP_ASIMDDP
#elif defined(__APPLE__)
  return true;  // every Apple silicon CPU
#else
  return false;
#endif
}

const InstructionSet* instruction_sets(int* count) {
  static InstructionSet sets[3];
  sets[0] = {"neon-dotprod", &table_neon_dotprod, has_dotprod(), "Armv8.2 dot product"};
  sets[1] = {"neon", &table_neon, true, "any arm64"};
  sets[2] = {"scalar", &table_scalar, true, "any arm64"};
  *count = 3;
  return sets;
}

#else

extern const KernelTable table_scalar;

const InstructionSet* instruction_sets(int* count) {
  static InstructionSet sets[1];
  sets[0] = {"scalar", &table_scalar, true, "any CPU"};
  *count = 1;
  return sets;
}

#endif

}  // namespace lowbit

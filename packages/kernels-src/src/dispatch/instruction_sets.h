// The instruction sets of this build, best first, and whether this CPU has them.
#pragma once

#include "kernel_table.h"

namespace lowbit {

struct InstructionSet {
  const char* name;
  const KernelTable* table;
  bool runs;
  const char* needs;  // CPU features, for people
};

// Best first; `count` is set to their number.
const InstructionSet* instruction_sets(int* count);

}  // namespace lowbit

// C signatures of all kernels, the twin of packages/core/src/backend/ops/*.ts (which states what each one computes).
//
// Conventions: pointers need no alignment; `rows`, `columns` are int32_t; blocks are row-major and contiguous; term
// arrays are the bytes of the file. Scale arrays come as `const void*` / `void*` with a ScaleDtype. Kernels do not
// allocate: what they need beyond the stack comes as `scratch`. They return void or int32_t.
#pragma once

#include <stdint.h>

enum ScaleDtype { SCALE_F16 = 0, SCALE_BF16 = 1, SCALE_F32 = 2 };

import { checkTransformSize, transformSpan } from "../../linalg/hadamard.js";
import { checkBlock } from "../check-block.js";
import type { KernelOps } from "../kernel-backend.js";

export const walshHadamard: KernelOps["walshHadamard"] = (block, size) => {
  checkBlock("walshHadamard", block);
  const { values, rows, columns } = block;
  checkTransformSize(size, columns);
  for (let begin = 0; begin < rows * columns; begin += size) transformSpan(values, begin, size);
};

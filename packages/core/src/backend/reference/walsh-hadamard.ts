import { checkTransformSize, transformSpan } from "../../linalg/hadamard.js";
import type { KernelOps } from "../kernel-backend.js";

export const walshHadamard: KernelOps["walshHadamard"] = ({ values, rows, columns }, size) => {
  checkTransformSize(size, columns);
  for (let begin = 0; begin < rows * columns; begin += size) transformSpan(values, begin, size);
};

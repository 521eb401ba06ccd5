import type { BackendName } from "@lowbit/core/backend";
import {
  type DequantizedDtype,
  type DequantizeOptions,
  type DequantizeReport,
  dequantizeCheckpoint,
} from "@lowbit/core/node";
import { backendModule } from "../backend-choice.js";

/** `lowbit dequantize` without its command line. */
export interface DequantizeRequest extends Omit<DequantizeOptions, "backend" | "dtype"> {
  readonly dtype: keyof typeof DEQUANTIZED_DTYPES;
  readonly backend?: BackendName;
}

/** Spelling on the command line → dtype. */
export const DEQUANTIZED_DTYPES: Readonly<Record<"bf16" | "f16" | "f32", DequantizedDtype>> = {
  bf16: "BF16",
  f16: "F16",
  f32: "F32",
};

export function runDequantize({ dtype, backend, ...rest }: DequantizeRequest): Promise<DequantizeReport> {
  return dequantizeCheckpoint({ ...rest, dtype: DEQUANTIZED_DTYPES[dtype], backend: backendModule(backend) });
}

import type { FloatDtype } from "../../dtype/dtype-table.js";
import type { PackedWeight } from "../../layouts/layout-writer.js";
import type { LogicalWeight } from "../../layouts/logical-weight.js";
import type { LowbitWeight } from "../../layouts/lowbit/lowbit-weight.js";
import type { TensorSpec } from "../../safetensors/write-safetensors.js";

/** What a weight of the input becomes in a safetensors checkpoint. */
export interface PlannedWeight {
  readonly weight: LogicalWeight;
  readonly tensors: readonly TensorSpec[];
  readonly action:
    | { readonly kind: "keep" }
    | { readonly kind: "decode"; readonly dtype: FloatDtype; readonly isTransposed: boolean }
    | { readonly kind: "restate"; readonly weight: LowbitWeight }
    /** `packed` without its bytes. */
    | { readonly kind: "pack"; readonly packed: PackedWeight; readonly type: string | undefined }
    | { readonly kind: "requantize"; readonly packed: PackedWeight; readonly type: string };
}

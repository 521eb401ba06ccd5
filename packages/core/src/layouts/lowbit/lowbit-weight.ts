import type { Dtype } from "../../dtype/dtype-table.js";
import type { TransformLayout } from "../../terms/input-transform.js";
import type { Provenance } from "../../terms/quantized-weight.js";
import type { TermLayout } from "../../terms/term.js";

/** Version of the format that this code writes, and the only one that it reads (docs/formats/lowbit.md). */
export const LOWBIT_FORMAT_VERSION = 1;

/** Key of the schema in the safetensors `__metadata__`. */
export const LOWBIT_METADATA_KEY = "lowbit";

/** A quantized weight of a lowbit file without its bytes: one entry of the schema. */
export interface LowbitWeight {
  /** Name of the original tensor: "model.layers.0.self_attn.q_proj.weight". */
  readonly name: string;
  /** Shape of the original tensor; all axes but the last are joined into rows. */
  readonly shape: readonly number[];
  /** Dtype of the original tensor. */
  readonly dtype: Dtype;
  readonly terms: readonly TermLayout[];
  readonly transforms: readonly TransformLayout[];
  readonly provenance: Provenance;
}

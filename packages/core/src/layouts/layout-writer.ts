import type { KernelBackend } from "../backend/kernel-backend.js";
import type { Dtype } from "../dtype/dtype-table.js";
import type { TensorData } from "../safetensors/write-safetensors.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { InputTransform } from "../terms/input-transform.js";
import type { Term } from "../terms/term.js";

/** A weight with all its rows in memory. */
export interface WholeWeight {
  /** Name in the original model: "model.layers.0.mlp.down_proj.weight". */
  readonly name: string;
  readonly shape: readonly number[];
  /** Dtype of the original. */
  readonly dtype: Dtype;
  readonly terms: readonly Term[];
  readonly transforms: readonly InputTransform[];
}

/** A weight in the tensors of a layout: equal to the bit, or with scales rounded to the dtype of the layout. */
export interface PackedWeight {
  readonly tensors: readonly TensorData[];
  /** Present: what had to be rounded, "F32 scales to F16". */
  readonly rounded?: string;
  /** What `config` has to know of this weight. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** Why a layout cannot hold a weight. */
export interface LayoutRefusal {
  /** One clause: "two terms, where it stores one". */
  readonly reason: string;
}

/** Settings of a client that loads the checkpoint. */
export interface ClientConfig {
  /** `quantization_config` of config.json. */
  readonly quantizationConfig: Readonly<Record<string, unknown>>;
  /** Further files by name, "quantize_config.json". */
  readonly files?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Writes quantized weights in the checkpoint layout of another tool. One file each, listed in `LAYOUT_WRITERS`. */
export interface LayoutWriter {
  /** "gptq", "gptq-v2", "awq", "compressed-tensors", "bitsandbytes", "bitnet", "fp8". */
  readonly name: string;
  /** What may follow the colon of `--to NAME:TYPE`, the default first: "int4", "nf4". Used by `requantize` only. */
  readonly types: readonly string[];
  /**
   * The weight in the tensors of the layout, if it can hold it.
   * @param type one of `types` that it must become; absent: whichever holds it
   */
  pack(weight: WholeWeight, type?: string): PackedWeight | LayoutRefusal;
  /** Terms of this layout next to given values (round to nearest): for float input and where `pack` refuses. */
  requantize(block: RowBlock, type: string, backend: KernelBackend): readonly Term[];
  /** @param packed by weight name; @param kept names of the matrices that stay plain */
  config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig;
}

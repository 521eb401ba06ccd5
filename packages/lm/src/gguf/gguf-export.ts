import type { BlockTypeName } from "@lowbit/core/blocks";
import type { GgufMetadata } from "@lowbit/core/gguf";
import type { LogicalWeight } from "@lowbit/core/layouts";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { RowOrder } from "./row-order.js";

/** What decides the type of a tensor in a GGUF file. */
export type GgufTensorRole =
  /** Vectors, norms, rotary factors, learned positions: F32 in every file. */
  | "kept"
  /** token_embd.weight; in a tied model the output as well. */
  | "embedding"
  /** output.weight */
  | "output"
  /** Every other matrix. */
  | "matrix";

/** Type of a tensor in a GGUF file. */
export type GgufExportType = "F32" | "F16" | "BF16" | BlockTypeName;

/** A tensor of the GGUF file that a model becomes. */
export interface GgufExportTensor {
  /** "blk.0.attn_q.weight" */
  readonly name: string;
  /** Outermost axis first: [outFeatures, inFeatures] for a matrix. */
  readonly shape: readonly number[];
  readonly role: GgufTensorRole;
  readonly source: GgufExportSource;
}

export type GgufExportSource =
  | {
      readonly kind: "weight";
      /** Of the model as it was opened. */
      readonly weight: LogicalWeight;
      /** Where the weight's rows stand in the GGUF tensor (see `placeRows`); absent: in their own order. */
      readonly order?: RowOrder;
      /** The weight is stored [inFeatures, outFeatures] (GPT-2): its values are transposed, its terms do not fit. */
      readonly isTransposed: boolean;
      /** The weight is plain and made ternary when the model runs (BitNet): it is exported as one ternary term. */
      readonly isTernarized: boolean;
    }
  /** Values that no weight of the model holds (factors of rotary frequencies). */
  | { readonly kind: "values"; readonly values: Float32Array };

/**
 * A model of Hugging Face as a GGUF file, without the types of its tensors. `exportModel` makes it, `chooseTypes` the types,
 * `exportMetadata` the metadata; `openExportRows` gives values and terms of a tensor, `placeRows` the places of their bytes.
 */
export interface GgufExport {
  /** `general.architecture` */
  readonly architecture: string;
  readonly config: DecoderConfig;
  /** The architecture's keys, in the order of the file. */
  readonly metadata: GgufMetadata;
  /** In the order of the file. */
  readonly tensors: readonly GgufExportTensor[];
  /** Where llama.cpp will compute something else than this model; one sentence each. */
  readonly notes: readonly string[];
}

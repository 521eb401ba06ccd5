import type { GgufMetadata } from "../../gguf/gguf-value.js";
import type { GgufTensorSpec } from "../../gguf/write-gguf.js";
import type { BlockEncoder, EncodeTask } from "../../pipeline/chunk-task.js";
import type { ProgressListener } from "../../pipeline/progress.js";
import type { CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { BackendModule } from "../backend-module.js";

/** Where the bytes of a tensor come from. */
export type GgufTensorSource =
  /** A tensor of the input whose bytes stay. */
  | { readonly kind: "copy"; readonly tensor: CheckpointTensor }
  /** Weights of the input, encoded by blocks of rows. */
  | {
      readonly kind: "encode";
      readonly from: EncodeTask["source"];
      /** Row of the input of every row of the output. */
      readonly rowOrder?: Uint32Array;
      /** [columns] */
      readonly importance?: Float32Array;
    }
  /** Bytes that are made as a whole, on this thread. */
  | { readonly kind: "bytes"; make(): Promise<Uint8Array> };

export interface GgufConversionTensor extends GgufTensorSpec {
  readonly source: GgufTensorSource;
  /** Bytes that are read for it; for progress. */
  readonly inputBytes: number;
}

export interface GgufConversion {
  /** A checkpoint by its path: workers open it again. */
  readonly input: string;
  /** A new .gguf file, or a new directory. */
  readonly output: string;
  readonly metadata: GgufMetadata;
  /** In the order of the file. */
  readonly tensors: readonly GgufConversionTensor[];
  readonly encoder: BlockEncoder;
  /** Whether errors of what is encoded are measured. */
  readonly measuresErrors: boolean;
  /** What the bytes depend on besides the input's files, in words. */
  readonly settings: string;
  readonly maxFileBytes?: number;
  readonly maxMemoryBytes?: number;
  readonly threads: number;
  readonly backend: BackendModule;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

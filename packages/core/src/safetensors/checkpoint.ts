import type { BlockTypeName } from "../blocks/block-type.js";
import type { Dtype } from "../dtype/dtype-table.js";

/** A tensor of a checkpoint: where its bytes are, not the bytes. */
export interface CheckpointTensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** Outermost axis first; `[outFeatures, inFeatures]` for a linear layer; empty for a scalar. */
  readonly shape: readonly number[];
  /** File that holds it, relative to the checkpoint: "model-00001-of-00003.safetensors". */
  readonly shard: string;
  /** Position of the first byte in that file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Present: `shape` holds weights in blocks of GGUF, `byteLength` bytes of them; `dtype` is U8. */
  readonly blockType?: BlockTypeName;
}

/** config.json of a model, parsed. */
export type CheckpointConfig = Readonly<Record<string, unknown>>;

/** One file, a shard index or a directory, as one model. */
export interface Checkpoint {
  /** Shown in errors: the path or URL that was opened. */
  readonly name: string;
  /** In natural order of their names (layer 2 before layer 10). */
  readonly tensors: readonly CheckpointTensor[];
  /** Shard file names in natural order, one for a single file. */
  readonly shards: readonly string[];
  /** `__metadata__` of every shard. */
  readonly metadata: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** config.json beside the files, parsed, where there is one: layouts of other tools say there what names and shapes leave open. */
  readonly config?: CheckpointConfig;
  /** Bytes of the small tensors that state how those beside them are stored (original shape, settings), by name. */
  readonly descriptions?: ReadonlyMap<string, Uint8Array>;
  tensor(name: string): CheckpointTensor | undefined;
  /** Fills `target` with the bytes of `tensor` from `offset` (relative to the tensor) on. */
  read(
    tensor: CheckpointTensor,
    offset: number,
    target: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  close(): Promise<void>;
}

/** Reads the bytes of tensors whose places are known; a checkpoint is one. */
export type TensorReader = Pick<Checkpoint, "read">;

/** A problem of a file: the reader's own error, with the place where it was found. */
export interface FileProblem {
  readonly file: string;
  /** "safetensors/overlap" */
  readonly code: string;
  readonly message: string;
  /** What to do about it, from the table of codes. */
  readonly remedy: string;
  /** Position in the file at which it stands, where it has one. */
  readonly byteOffset?: number;
}

/** Weights that are stored alike. */
export interface StorageShare {
  /** "BF16", "Q4_K", "rtn: affine 4-bit g128". */
  readonly storage: string;
  readonly count: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly isQuantized: boolean;
}

/** One column of the skyline: a block of layers, or what stands outside the blocks (embedding, head). */
export interface SkylineColumn {
  /** "layers 12", "embed_tokens" */
  readonly label: string;
  /** First weight in it: where a click leads. */
  readonly firstWeight: string;
  readonly parameters: number;
  readonly bytes: number;
  /** Every byte that is stored, over the weights. */
  readonly bitsPerWeight: number;
  /** Its storages, most bytes first; the colour is the first one's. */
  readonly storages: readonly StorageShare[];
}

export interface MemoryEstimate {
  /** What running needs for one sequence, in bytes. */
  readonly weightBytes: number;
  /** Keys and values of 1024 tokens in 16 bits. */
  readonly cacheBytesPer1024Tokens: number;
  readonly contextLength?: number;
}

export interface SideFile {
  readonly name: string;
  readonly byteLength: number;
}

/** A model that could be opened. */
export interface OpenModel {
  readonly state: "open";
  readonly name: string;
  /** Its path, quoted for a shell where needed: what follows `lowbit inspect`. Absent where a terminal cannot reach it. */
  readonly shellPath?: string;
  /** "safetensors", "sharded safetensors", "GGUF" */
  readonly container: string;
  /** "LlamaForCausalLM, 30 layers, hidden 576, 9 heads (3 key-value), vocabulary 49152"; absent without a config. */
  readonly architecture?: string;
  readonly fileBytes: number;
  readonly shards: readonly SideFile[];
  readonly parameters: number;
  readonly tensors: number;
  /** Logical weights: a quantized one counts once however many tensors hold it. */
  readonly weights: number;
  readonly quantizedWeights: number;
  readonly storedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
  readonly storages: readonly StorageShare[];
  readonly skyline: readonly SkylineColumn[];
  /** Absent where the config does not tell the shape of the cache. */
  readonly memory?: MemoryEstimate;
  /** What a user should know of how weights were read, each with the number of weights that it is true of. */
  readonly notes: readonly { readonly text: string; readonly weights: number }[];
  /** Free-form metadata of the files; untrusted text. Long values are cut. */
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  /** Where the metadata says that the original is, as a path that exists. */
  readonly original?: string;
  readonly sideFiles: readonly SideFile[];
  /** Name and instruction set of the backend, and why no better one; decided when first needed. */
  readonly backend?: string;
}

/** A file or directory that is no model. */
export interface BrokenModel {
  readonly state: "broken";
  readonly name: string;
  readonly fileBytes?: number;
  readonly problems: readonly FileProblem[];
}

export type ModelOverview = OpenModel | BrokenModel;

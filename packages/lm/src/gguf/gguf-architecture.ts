import type { GgufMetadata } from "@lowbit/core/gguf";
import type { ConfigFields } from "../architectures/config-fields.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { GgufFields } from "./gguf-fields.js";
import type { ModuleName } from "./module-names.js";
import type { RowOrder } from "./row-order.js";

/** config.json of Hugging Face, parsed. */
export type HuggingFaceConfig = Readonly<Record<string, unknown>>;

/** What of a GGUF file's tensors decides about its config. */
export interface GgufShapes {
  /** Outermost axis first; undefined where there is no such tensor. */
  shape(tensor: string): readonly number[] | undefined;
  /** F32 values of "rope_freqs.weight", where there is one. */
  readonly rotaryFactors?: readonly number[];
}

/** Number and size of the heads of a model. */
export interface HeadSizes {
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly headSize: number;
}

/** Keys of a GGUF file and what of the model they cannot say. */
export interface ArchitectureMetadata {
  /** `general.architecture` */
  readonly architecture: string;
  /** Full keys. */
  readonly metadata: GgufMetadata;
  /** "rope_freqs.weight" */
  readonly rotaryFactors?: Float32Array;
  /** One sentence each: where llama.cpp computes something else. */
  readonly notes: readonly string[];
}

/** One family of decoders in GGUF files. One file each, listed in gguf-architectures.ts. */
export interface GgufArchitecture {
  /** Values of `general.architecture`. */
  readonly names: readonly string[];
  /** `model_type`s of config.json. */
  readonly modelTypes: readonly string[];
  readonly modules: readonly ModuleName[];
  /** Present where `modelTypes` does not tell architectures apart: the one that this is for. */
  readonly activation?: string;
  /** How the rows of a module's tensors lie; undefined: as in Hugging Face's files. */
  rowOrder(module: string, heads: HeadSizes): RowOrder | undefined;
  /** Modules whose weights Hugging Face's files hold transposed, [inFeatures, outFeatures] (GPT-2). */
  readonly transposedModules?: readonly string[];
  /** llama.cpp wants output.weight also where it is the embedding. */
  readonly needsOutput?: boolean;
  /** @throws `model/gguf-key`, `model/gguf-setting` */
  config(fields: GgufFields, shapes: GgufShapes): HuggingFaceConfig;
  /** @throws `model/gguf-export` */
  metadata(config: DecoderConfig, fields: ConfigFields): ArchitectureMetadata;
}

import type { DecoderConfig } from "../model/decoder-config.js";
import type { Block, Embedding, Head, LinearLayer, NormLayer, WeightMatrix } from "../model/layers.js";
import type { ConfigFields } from "./config-fields.js";

export interface LinearOptions {
  /** There is a tensor `<module>.bias`. */
  readonly bias?: boolean;
  /** Stored [inFeatures, outFeatures]. */
  readonly isTransposed?: boolean;
  /** Plain weights are made ternary on load (BitNet's online quantization). */
  readonly isTernarized?: boolean;
  /** The head's activations are never rounded. */
  readonly isHead?: boolean;
  /** Tensor that the file may hold beside this one if it equals it: the head of a tied model. */
  readonly copyName?: string;
}

/** Makes layers from the names and sizes that an architecture states; the weights are those of a checkpoint. */
export interface LayerBuilder {
  /** The tensor `name` [rows, columns]. */
  matrix(name: string, rows: number, columns: number): WeightMatrix;
  /** The tensors `<module>.weight` and, where asked for, `<module>.bias`. */
  linear(module: string, outFeatures: number, inFeatures: number, options?: LinearOptions): LinearLayer;
  /** The tensors `<module>.weight` and, for a layer norm, `<module>.bias`. */
  norm(module: string, size: number): NormLayer;
}

/** What a config.json says about a decoder: its numbers, and the names and sizes of all its tensors. */
export interface DecoderPlan {
  readonly config: DecoderConfig;
  embedding(build: LayerBuilder): Embedding;
  block(build: LayerBuilder, index: number): Block;
  head(build: LayerBuilder): Head;
  /** Names of buffers that such checkpoints may hold and that no layer uses. */
  readonly unusedTensors: readonly RegExp[];
  /** Beginning of names that some checkpoints leave off: "transformer.". */
  readonly namePrefix?: string;
}

/** One family of decoders: `model_type`s with the same names and layers. One file each, listed in architecture-table.ts. */
export interface Architecture {
  readonly modelTypes: readonly string[];
  /** @throws `model/config-field`, `model/unsupported-setting` */
  plan(fields: ConfigFields): DecoderPlan;
}

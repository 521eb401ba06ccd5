import type { BlockDescription } from "./block-description.js";
import type { DecoderConfig } from "./decoder-config.js";
import type { Block, Embedding, Head } from "./layers.js";

/** A decoder with its weights in memory, packed as they stand in the file. */
export interface LanguageModel {
  /** Shown in messages: the path that was opened. */
  readonly name: string;
  readonly config: DecoderConfig;
  readonly embedding: Embedding;
  readonly blocks: readonly Block[];
  readonly head: Head;
  /** Bytes of all weights in memory, a tied matrix once. */
  readonly weightBytes: number;
  /** Frees the memory of the weights. */
  close(): void;
}

/**
 * A decoder whose parts are loaded when asked for, so that models larger than memory can be walked block by block.
 * Every part is validated against the config before any is loaded.
 */
export interface ModelSource {
  readonly name: string;
  readonly config: DecoderConfig;
  /** Names and sizes of a block's layers; reads nothing. */
  describeBlock(index: number): BlockDescription;
  /** Name of a layer's weight in the checkpoint; it differs where that leaves off the beginning of all names ("transformer."). */
  tensorName(weight: string): string;
  /** Tells models apart; see `modelFingerprint`. */
  fingerprint(): Promise<string>;
  loadEmbedding(): Promise<Loaded<Embedding>>;
  loadBlock(index: number): Promise<Loaded<Block>>;
  loadHead(): Promise<Loaded<Head>>;
  /** Everything at once. */
  load(): Promise<LanguageModel>;
  close(): Promise<void>;
}

/** A part of a model and its memory. */
export interface Loaded<T> {
  readonly part: T;
  readonly byteLength: number;
  release(): void;
}

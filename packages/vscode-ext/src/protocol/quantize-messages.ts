import type { OptionValues } from "./trial-messages.js";

/** `lowbit quantize MODEL OUTPUT --method METHOD --OPTION VALUE …` */
export interface QuantizeSettings {
  readonly method: string;
  readonly options: OptionValues;
  /** Path of a new directory or .safetensors file. */
  readonly output: string;
  /** Names that stay as they are, as globs. */
  readonly keep: readonly string[];
  readonly force: boolean;
}

/** The dry run. */
export interface QuantizeForecast {
  readonly quantizedTensors: number;
  readonly keptTensors: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly bitsPerWeight: number;
  readonly quantizedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly threads: number;
  readonly files: readonly { readonly name: string; readonly byteLength: number }[];
  /** The first 2000 tensors. */
  readonly tensors: readonly {
    readonly name: string;
    readonly action: "quantize" | "keep";
    readonly reason: string;
    readonly inputBytes: number;
    readonly outputBytes: number;
  }[];
  /** The same from a terminal. */
  readonly command: string;
}

export interface QuantizeReport {
  readonly output: string;
  readonly seconds: number;
  readonly bitsPerWeight: number;
  readonly sqnrDb: number;
  readonly quantizedTensors: number;
}

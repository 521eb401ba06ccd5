import type { HistogramBins } from "./tensor-messages.js";

/** An option of a method as its table declares it; a form field is made of it. */
export interface OptionField {
  readonly name: string;
  readonly kind: "integer" | "number" | "boolean" | "choice" | "group";
  readonly default: number | boolean | string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  /** For "group": which forms are allowed. */
  readonly allows?: readonly ("group" | "row" | "tensor")[];
  readonly help: string;
}

export interface MethodForm {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly options: readonly OptionField[];
}

export type OptionValues = Readonly<Record<string, number | boolean | string>>;

export interface TrialSettings {
  readonly weight: string;
  readonly method: string;
  readonly options: OptionValues;
}

export interface TrialResult {
  /** Serves as `side` in tensor requests until it is removed or three newer ones exist. */
  readonly trial: string;
  readonly weight: string;
  readonly method: string;
  /** Every option with its value. */
  readonly options: OptionValues;
  readonly storedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
  readonly storedBytes: number;
  readonly sqnrDb: number;
  readonly relativeError: number;
  readonly cosineSimilarity: number;
  readonly maximumError: number;
  readonly seconds: number;
  /** Of the quantized values, over the range of the original's. */
  readonly histogram: HistogramBins;
  /** The values that the middle row's first group takes. */
  readonly levels: Float64Array;
}

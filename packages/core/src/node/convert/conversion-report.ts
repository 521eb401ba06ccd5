import { type ErrorSums, joinErrors, NO_ERROR } from "../../pipeline/error-sums.js";
import { type ErrorFigures, errorFigures } from "../../pipeline/report.js";

/**
 * What became of the values of a weight. `kept`: its bytes are the same. `exact`: other bytes, the same values to the bit.
 * `rounded`: the same codes, scales or plain values rounded to a shorter dtype. `requantized`: other codes.
 */
export type ConversionOutcome = "kept" | "exact" | "rounded" | "requantized";

export interface ConvertedWeight {
  /** In the output. */
  readonly name: string;
  readonly shape: readonly number[];
  /** As `storageName` says it: "BF16", "gptq", "Q4_K". */
  readonly from: string;
  readonly to: string;
  readonly outcome: ConversionOutcome;
  /** What was rounded: "F32 scales to F16". */
  readonly rounded?: string;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Of what the output holds beside what the input held; where it was measured. */
  readonly error?: ErrorFigures;
}

export interface ConversionReport {
  readonly output: string;
  /** "gguf:Q4_0", "gptq". */
  readonly target: string;
  readonly weights: readonly ConvertedWeight[];
  /** Over all weights that were rounded or requantized and measured. */
  readonly error?: ErrorFigures;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  readonly threads: number;
  readonly backend: string;
  /** One sentence each, for people. */
  readonly notes: readonly string[];
}

/** A plan for a dry run: the report of a conversion without figures that only work gives. */
export interface ConversionForecast extends Pick<ConversionReport, "output" | "target" | "inputBytes" | "outputBytes"> {
  readonly weights: readonly ForecastWeight[];
  readonly files: readonly { readonly name: string; readonly byteLength: number }[];
  readonly notes: readonly string[];
}

export interface ForecastWeight extends Omit<ConvertedWeight, "outcome" | "error"> {
  /** `refused`: only with requantizing. */
  readonly outcome: ConversionOutcome | "refused";
  /** Why it is refused. */
  readonly reason?: string;
}

/** Error of all weights whose values changed. */
export function totalError(errors: Iterable<ErrorSums>): ErrorFigures | undefined {
  let all = NO_ERROR;
  for (const sums of errors) all = joinErrors(all, sums);
  return all.weights > 0 ? errorFigures(all) : undefined;
}

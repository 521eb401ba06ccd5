/** A mean with its standard error, where there are windows enough for one. */
export interface MeasuredMean {
  readonly mean: number;
  readonly standardError?: number;
}

/** What one setting made of a model. */
export interface DoneRow {
  readonly status: "done";
  /** Bits per weight: by the rule of the paper, of all stored bytes, and of the whole model with what was kept. */
  readonly claimedBitsPerWeight: number;
  readonly storedBitsPerWeight: number;
  readonly modelBitsPerWeight: number;
  /** Mean over the quantized layers of ‖y′ − y‖² / ‖y‖², each on the input that it has in the original. */
  readonly layerError: number;
  readonly perplexity: MeasuredMean;
  /** KL(original ‖ quantized), nats a token. */
  readonly divergence: MeasuredMean;
  readonly quantizeSeconds: number;
  /** Most memory that the quantizing process held. */
  readonly peakMemoryBytes: number;
}

/** A setting that did not work. */
export interface FailedRow {
  readonly status: "failed";
  /** Error code of the command, or what ended it. */
  readonly code: string;
  readonly message: string;
}

export type QualityRow = {
  readonly name: string;
  /** Of `lowbit quantize`, without paths. */
  readonly arguments: readonly string[];
} & (DoneRow | FailedRow);

export type DoneQualityRow = Extract<QualityRow, { readonly status: "done" }>;

/** What was measured how, for one model. A row is kept for another run when all of this is the same. */
export interface QualityProtocol {
  readonly lowbitVersion: string;
  /** SHA-256 of the model's weights and config. */
  readonly modelHash: string;
  /** SHA-256 of the text that was evaluated, and of the one that statistics are of. */
  readonly textHash: string;
  readonly calibrationHash: string;
  readonly samples: number;
  readonly sampleLength: number;
  readonly seed: number;
  readonly context: number;
  readonly windows: number;
}

export interface ModelQuality {
  readonly model: string;
  readonly protocol: QualityProtocol;
  /** The command that makes these rows. */
  readonly command: string;
  readonly machine: string;
  readonly original: {
    readonly perplexity: MeasuredMean;
    readonly scoredTokens: number;
    readonly bitsPerWeight: number;
  };
  readonly rows: readonly QualityRow[];
}

export function doneRows({ rows }: Pick<ModelQuality, "rows">): DoneQualityRow[] {
  return rows.filter((row) => row.status === "done");
}

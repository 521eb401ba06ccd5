/** The functions of `@lowbit/core` under test. */
export interface FuzzedReader {
  readonly parseHeader: unknown;
  readonly readHeaderBytes: unknown;
  readonly validateHeader: unknown;
  readonly readShardIndex: unknown;
  readonly isLowbitError: (error: unknown) => boolean;
  readonly ERROR_CODES: Readonly<Record<string, unknown>>;
}

export interface FuzzOutcome {
  readonly read: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** @throws at the first input that is neither read correctly nor refused with a code */
export function fuzzReader(reader: FuzzedReader, options: { seed: number; count: number }): Promise<FuzzOutcome>;

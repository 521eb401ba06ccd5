import type { FuzzOutcome } from "./fuzz-reader.mjs";

/** The functions of `@lowbit/core` under test. */
export interface FuzzedGgufReader {
  readonly readGgufHeader: unknown;
  readonly validateGguf: unknown;
  readonly isLowbitError: (error: unknown) => boolean;
  readonly ERROR_CODES: Readonly<Record<string, unknown>>;
}

/** @throws at the first input that is neither read correctly nor refused with a code */
export function fuzzGgufReader(
  reader: FuzzedGgufReader,
  options: { seed: number; count: number },
): Promise<FuzzOutcome>;

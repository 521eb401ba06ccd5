/** Sequences of equal length that run together, so that products are matrix × matrix. */
export interface TokenBatch {
  /** [sequences · length], sequence after sequence. */
  readonly tokens: Uint32Array;
  readonly sequences: number;
  readonly length: number;
  /** Position of the first token of every sequence: 0, or what the cache already holds. */
  readonly firstPosition: number;
}

/** Position of every token of a batch. */
export function tokenPositions({ sequences, length, firstPosition }: TokenBatch): Uint32Array {
  return Uint32Array.from({ length: sequences * length }, (_, i) => firstPosition + (i % length));
}

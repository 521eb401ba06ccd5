import { LowbitError } from "@lowbit/core/errors";
import type { TokenBatch } from "../forward/token-batch.js";

/** A batch and the token that should follow at each place. */
export interface ScoredBatch extends TokenBatch {
  /** [sequences · length] */
  readonly targets: Uint32Array;
  /** [sequences · length], 1 where the target counts in the loss; absent: all do. */
  readonly counted?: Uint8Array;
}

/**
 * Next-token prediction in sequences of `length + 1` tokens, one after another in `tokens`: each token but the last of a
 * sequence is an input, each but the first a target.
 * @throws `gradient/invalid-batch`
 */
export function nextTokenBatch(tokens: Uint32Array, sequences: number): ScoredBatch {
  const each = tokens.length / sequences;
  if (!(Number.isInteger(each) && each >= 2)) {
    throw new LowbitError(
      "gradient/invalid-batch",
      `${tokens.length} tokens were given as ${sequences} sequences; each needs the same number of tokens, at least 2.`,
      { tokens: tokens.length, sequences },
    );
  }
  const length = each - 1;
  const at = (shift: number) =>
    Uint32Array.from(
      { length: sequences * length },
      (_, i) => tokens[Math.floor(i / length) * each + (i % length) + shift]!,
    );
  return { tokens: at(0), targets: at(1), sequences, length, firstPosition: 0 };
}

/** Rows that count, ascending. @throws `gradient/invalid-batch` */
export function countedRows({ tokens, targets, counted, sequences, length }: ScoredBatch): Uint32Array {
  const size = sequences * length;
  for (const [what, found] of [
    ["tokens", tokens.length],
    ["targets", targets.length],
    ["mask values", counted?.length ?? size],
  ] as const) {
    if (found === size) continue;
    throw new LowbitError(
      "gradient/invalid-batch",
      `The batch has ${found} ${what}; ${sequences} sequences of ${length} tokens need ${size}.`,
      { what, found, expected: size },
    );
  }
  const rows = Uint32Array.from(tokens.keys()).filter((row) => counted === undefined || counted[row] !== 0);
  if (rows.length > 0) return rows;
  throw new LowbitError("gradient/invalid-batch", `None of the batch's ${size} tokens counts in the loss.`, { size });
}

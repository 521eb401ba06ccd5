import { LowbitError } from "@lowbit/core/errors";
import type { Embedding } from "../model/layers.js";

/**
 * The tables of an embedding have a row for every token and position that is asked for.
 * @throws `model/unknown-token`, `model/unknown-position`
 */
export function checkRows(
  { tokens: table, positions: places }: Embedding,
  tokens: Uint32Array,
  positions: Uint32Array,
): void {
  const place = tokens.findIndex((token) => token >= table.rows);
  if (place >= 0) {
    const token = tokens[place]!;
    throw new LowbitError(
      "model/unknown-token",
      `Token ${token} (number ${place} of the batch) is not in the model's vocabulary of ${table.rows} tokens.`,
      { token, place, vocabularySize: table.rows },
    );
  }
  const position = places === undefined ? undefined : positions.find((value) => value >= places.rows);
  if (position === undefined) return;
  throw new LowbitError(
    "model/unknown-position",
    `The model has ${places!.rows} positions; position ${position}, counted from 0, was asked for.`,
    { position, positions: places!.rows },
  );
}

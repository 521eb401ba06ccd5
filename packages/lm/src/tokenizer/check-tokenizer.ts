import { LowbitError } from "@lowbit/core/errors";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { Tokenizer } from "./tokenizer.js";

/** Refuses a tokenizer with ids that the model has no rows for; fewer ids than rows is usual (padding). @throws `tokenizer/vocabulary-mismatch` */
export function checkTokenizer(
  tokenizer: Pick<Tokenizer, "vocabularySize">,
  config: Pick<DecoderConfig, "vocabularySize">,
  name: string,
): void {
  if (tokenizer.vocabularySize <= config.vocabularySize) return;
  throw new LowbitError(
    "tokenizer/vocabulary-mismatch",
    `${name}: the tokenizer has ids up to ${tokenizer.vocabularySize - 1}; the model has ${config.vocabularySize} rows, for ids up to ${config.vocabularySize - 1}.`,
    { path: name, largestId: tokenizer.vocabularySize - 1, vocabularySize: config.vocabularySize },
  );
}

import type { StreamDecoder } from "./tokenizer.js";

/** U+FFFD: where bytes of a character are missing. */
const REPLACEMENT = "�";

/**
 * Decodes the newest ids together with the chunk before them and gives what that adds. The chunk before is needed because
 * decoders treat the start of a text in their own way (SentencePiece drops its first space).
 */
export function createStreamDecoder(decode: (ids: readonly number[]) => string): StreamDecoder {
  /** The last chunk that gave text. */
  let given: number[] = [];
  /** Ids since then. */
  let held: number[] = [];

  const added = (): string => decode([...given, ...held]).slice(decode(given).length);
  return {
    push(id) {
      held.push(id);
      const text = added();
      if (text === "" || text.endsWith(REPLACEMENT)) return "";
      given = held;
      held = [];
      return text;
    },
    finish() {
      const text = added();
      given = [];
      held = [];
      return text;
    },
  };
}

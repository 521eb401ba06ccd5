/** What a token is, by llama.cpp's numbers (`tokenizer.ggml.token_type`). */
export const TOKEN_TYPE = {
  normal: 1,
  unknown: 2,
  /** Special: found in a text before it is cut, left out of printed text. */
  control: 3,
  /** Found in a text before it is cut, printed. */
  userDefined: 4,
  unused: 5,
  /** "<0x41>": one byte of a character that the vocabulary lacks. */
  byte: 6,
} as const;

export type TokenType = (typeof TOKEN_TYPE)[keyof typeof TOKEN_TYPE];

/** A token of the vocabulary; its id is its place. */
export interface VocabularyToken {
  readonly text: string;
  readonly type: TokenType;
}

export function byteTokenText(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** The text that stands for an id that no token has: converters write it where a model has more rows than tokens. */
export function paddingText(id: number): string {
  return `[PAD${id}]`;
}

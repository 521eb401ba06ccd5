/** One message of a chat; chat templates may read more fields than these. */
export interface ChatMessage {
  /** "system", "user", "assistant", or what else the template knows. */
  readonly role: string;
  readonly content: string;
  readonly [field: string]: unknown;
}

export interface ChatOptions {
  /** Ends the text with the start of an answer of the assistant. Default: false. */
  readonly addGenerationPrompt?: boolean;
}

/** Turns ids that arrive one at a time into text. */
export interface StreamDecoder {
  /** The text that became certain with this id: nothing while it ends inside a character. */
  push(id: number): string;
  /** What was held back; the decoder is as new afterwards. */
  finish(): string;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /** 1 + the largest id; a model may have more rows than that (padding), never fewer. */
  readonly vocabularySize: number;
  /** Absent: the tokenizer names none. */
  readonly beginToken?: number;
  /** Ids that end a text; empty where none is named. */
  readonly endTokens: readonly number[];
  /** Whether `addSpecialTokens` puts `beginToken` before the text. */
  readonly addsBeginToken: boolean;
  readonly hasChatTemplate: boolean;
  /**
   * Special tokens that are written out in the text ("<s>") become their ids in any case.
   * @param options.addSpecialTokens adds what the tokenizer puts around a text; default: false
   * @throws `tokenizer/unknown-text`
   */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): Uint32Array;
  /** Ids that the tokenizer does not have give nothing, and so do special tokens unless `keepSpecialTokens`. */
  decode(ids: Iterable<number>, options?: { readonly keepSpecialTokens?: boolean }): string;
  streamDecoder(): StreamDecoder;
  /**
   * Messages as the text that the model was trained on; encode it without special tokens.
   * @throws `tokenizer/no-chat-template`, `tokenizer/chat-template-failed`
   */
  renderChat(messages: readonly ChatMessage[], options?: ChatOptions): string;
}

export { checkTokenizer } from "./check-tokenizer.js";
export { createTokenizer } from "./create-tokenizer.js";
export type { ChatMessage, ChatOptions, StreamDecoder, Tokenizer } from "./tokenizer.js";
export type { TokenizerFiles } from "./tokenizer-files.js";

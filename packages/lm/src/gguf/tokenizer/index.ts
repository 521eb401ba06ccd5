export { type GgufTokenizerOptions, ggufTokenizerMetadata } from "./gguf-tokenizer-metadata.js";
export { tokenizerFilesFromGguf } from "./tokenizer-files-from-gguf.js";

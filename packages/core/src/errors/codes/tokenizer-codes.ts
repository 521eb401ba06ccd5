/** Codes of tokenizers (`@lowbit/lm`). */
export const TOKENIZER_CODES = {
  "tokenizer/missing-file": {
    meaning: "The model directory holds no tokenizer.json, and text was to be read or written.",
    remedy: "Put the model's tokenizer.json beside its config.json, or give token ids.",
  },
  "tokenizer/invalid-file": {
    meaning: "A tokenizer file is no JSON object of the expected form, or asks for a part that is not known.",
    remedy: "Download the file again; save older tokenizers as tokenizer.json with the library that made them.",
  },
  "tokenizer/vocabulary-mismatch": {
    meaning: "The tokenizer has token ids that the model has no embedding for.",
    remedy: "Use the tokenizer that belongs to the model.",
  },
  "tokenizer/unknown-text": {
    meaning:
      "The text holds something that the vocabulary cannot write, and the tokenizer has no token for unknown text.",
    remedy: "Remove those characters from the text.",
  },
  "tokenizer/no-chat-template": {
    meaning: "A chat was to be rendered, and the model has no chat template.",
    remedy: "Give a plain prompt, or put the model's chat_template.jinja into its directory.",
  },
  "tokenizer/chat-template-failed": {
    meaning: "The model's chat template is not valid or refused the messages.",
    remedy:
      "Give messages with the roles, and in the order, that the template expects; the message says why it failed.",
  },
  "tokenizer/gguf-model": {
    meaning: "The GGUF file has a tokenizer of a kind that is not read.",
    remedy: "Put the tokenizer.json of the original model beside the converted files.",
  },
  "tokenizer/gguf-missing-key": {
    meaning: "The tokenizer of a GGUF file lacks a key that its kind needs.",
    remedy: "Convert the original model again with a current tool.",
  },
  "tokenizer/gguf-invalid-key": {
    meaning: "A key of the tokenizer of a GGUF file has a type, length or value that it cannot have.",
    remedy: "Get the file again; it is damaged or was written by a faulty tool.",
  },
  "tokenizer/duplicate-token": {
    meaning: "Two token ids have the same text, which llama.cpp refuses to load.",
    remedy: "Remove one of the two tokens from the tokenizer's files.",
  },
  "tokenizer/gguf-pre": {
    meaning: "The GGUF file cuts its text in a way (tokenizer.ggml.pre) that is not known.",
    remedy: "Upgrade lowbit, or put the tokenizer.json of the original model beside the converted files.",
  },
  "tokenizer/unknown-pre-tokenizer": {
    meaning: "No name that llama.cpp knows stands for the way in which tokenizer.json cuts its text.",
    remedy: "Give the name with --pre NAME if you know that llama.cpp has one for this tokenizer.",
  },
  "tokenizer/gguf-export": {
    meaning: "The tokenizer does something that a GGUF file cannot state, so llama.cpp would give other ids.",
    remedy: "Export the weights without a tokenizer, or use a layout that keeps tokenizer.json.",
  },
} as const;

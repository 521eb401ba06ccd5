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
} as const;

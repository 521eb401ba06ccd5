/** Codes of models and their forward pass (`@lowbit/lm`). */
export const MODEL_CODES = {
  "model/invalid-option": {
    meaning: "An option of a language model run lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "model/no-config": {
    meaning: "A model's directory holds no config.json.",
    remedy: "Give the path of a model in Hugging Face form: config.json beside its safetensors files.",
  },
  "model/config-json": {
    meaning: "A config file of a model is not JSON, or not a JSON object.",
    remedy: "Download the file again; it must be a JSON object.",
  },
  "model/config-field": {
    meaning: "A field of config.json is missing, or its value makes no decoder.",
    remedy: "Correct the field as the message says, or download the file again.",
  },
  "model/unknown-architecture": {
    meaning: "No architecture of lowbit has the model_type of config.json.",
    remedy: "Use a model of one of the architectures that the message lists.",
  },
  "model/unsupported-setting": {
    meaning: "A setting of config.json is known but lowbit does not run it.",
    remedy: "Use a model with one of the values that the message lists.",
  },
  "model/quantization-method": {
    meaning: "The weights are quantized by a method that lowbit does not read.",
    remedy: "Use the unquantized model, or quantize it with lowbit.",
  },
  "model/gguf-architecture": {
    meaning: "The architecture that a GGUF file states is not one that lowbit runs.",
    remedy: "Use a model of one of the architectures that the message lists.",
  },
  "model/gguf-no-weights": {
    meaning: "A GGUF file holds a vocabulary and no weights.",
    remedy: "Give a file of a whole model; lowbit inspect shows what a vocabulary file holds.",
  },
  "model/gguf-key": {
    meaning: "A metadata key of a GGUF file is missing, or its value makes no decoder.",
    remedy: "Make the file again with a current converter, or correct the key that the message names.",
  },
  "model/gguf-setting": {
    meaning: "A metadata key of a GGUF file is known but lowbit does not run its value.",
    remedy: "Use a model with one of the values that the message lists.",
  },
  "model/gguf-export": {
    meaning: "A model has a setting that no GGUF architecture can state.",
    remedy: "Keep the model in Hugging Face form; llama.cpp would compute something else.",
  },
  "model/gguf-recipe": {
    meaning: "No recipe of GGUF types has this name.",
    remedy: "Use one of the names that the message lists.",
  },
  "model/missing-tensors": {
    meaning: "The checkpoint lacks tensors that config.json asks for.",
    remedy: "Check that all shards are there and that config.json belongs to them.",
  },
  "model/extra-tensors": {
    meaning: "The checkpoint holds tensors that no layer of the model uses.",
    remedy: "Check that config.json belongs to this checkpoint: sizes, biases and tied embeddings.",
  },
  "model/tensor-shape": {
    meaning: "A tensor has another shape than config.json asks for.",
    remedy: "Check that config.json belongs to this checkpoint.",
  },
  "model/tensor-dtype": {
    meaning: "A tensor is stored in a form that its layer cannot use.",
    remedy: "Store weights as floats, matrices as floats or terms of lowbit, and norms and biases as floats.",
  },
  "model/tied-head": {
    meaning: "config.json ties the head to the embedding, and the file holds a head that differs from it.",
    remedy: "Set tie_word_embeddings to false to use the head of the file, or remove that tensor to use the embedding.",
  },
  "model/not-finite": {
    meaning: "A weight of a model is NaN or infinite.",
    remedy: "Download the checkpoint again; if the values stand in the original, the model is broken.",
  },
  "model/unknown-token": {
    meaning: "A token id lies outside the model's vocabulary.",
    remedy: "Use the tokenizer that belongs to the model.",
  },
  "model/unknown-position": {
    meaning: "A sequence is longer than the model's table of positions.",
    remedy: "Give shorter sequences, at most as long as the message states.",
  },
  "model/released": {
    meaning: "Weights were used after their memory had been given back.",
    remedy: "Use a model or a part of it before it is closed or released.",
  },
} as const;

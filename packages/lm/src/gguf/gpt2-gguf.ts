import type { GgufArchitecture } from "./gguf-architecture.js";
import { headWidths } from "./head-size.js";
import { MetadataBuilder } from "./metadata-builder.js";
import { GPT2_MODULES } from "./module-names.js";
import { refuseExport } from "./refuse-export.js";
import { tokenFields, vocabularySize } from "./vocabulary-fields.js";

/** GPT-2. Its matrices are [outFeatures, inFeatures] in GGUF files, transposed in Hugging Face's. */
export const gpt2Gguf: GgufArchitecture = {
  names: ["gpt2"],
  modelTypes: ["gpt2"],
  modules: GPT2_MODULES,
  rowOrder: () => undefined,
  transposedModules: ["attn_qkv", "attn_output", "ffn_up", "ffn_down"],
  config(fields, shapes) {
    const vocabulary = vocabularySize(fields, shapes);
    const { hiddenSize, headCount } = headWidths(fields);
    return {
      architectures: ["GPT2LMHeadModel"],
      model_type: "gpt2",
      vocab_size: vocabulary,
      n_embd: hiddenSize,
      n_inner: fields.count("feed_forward_length", 4 * hiddenSize),
      n_layer: fields.blockCount("block_count"),
      n_head: headCount,
      n_positions: fields.count("context_length"),
      layer_norm_epsilon: fields.positive("attention.layer_norm_epsilon"),
      activation_function: "gelu_new",
      tie_word_embeddings: shapes.shape("output.weight") === undefined,
      ...tokenFields(fields, vocabulary),
    };
  },
  metadata(config, fields) {
    const { activation, size } = config.feedForward;
    if (activation !== "gelu-tanh") throw refuseExport(fields, `its activation is ${activation}; gpt2 has gelu-tanh`);
    if (config.attentionScale === 1 && config.headSize !== 1) {
      throw refuseExport(fields, "its attention scores are not scaled, which gpt2 does");
    }
    const keys = new MetadataBuilder("gpt2");
    keys.count("vocab_size", config.vocabularySize);
    keys.count("context_length", config.contextLength);
    keys.count("embedding_length", config.hiddenSize);
    keys.count("block_count", config.blockCount);
    keys.count("feed_forward_length", size);
    keys.count("attention.head_count", config.headCount);
    keys.float("attention.layer_norm_epsilon", config.norm.epsilon);
    return { architecture: "gpt2", metadata: keys.metadata, notes: [] };
  },
};

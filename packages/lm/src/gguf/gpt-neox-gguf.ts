import type { GgufArchitecture } from "./gguf-architecture.js";
import { headWidths } from "./head-size.js";
import { MetadataBuilder } from "./metadata-builder.js";
import { GPT_NEOX_MODULES } from "./module-names.js";
import { refuseExport } from "./refuse-export.js";
import { rotaryConfig } from "./rotary-config.js";
import { rotaryMetadata } from "./rotary-metadata.js";
import { tokenFields, vocabularySize } from "./vocabulary-fields.js";

/** GPT-NeoX and Pythia. */
export const gptNeoxGguf: GgufArchitecture = {
  names: ["gptneox"],
  modelTypes: ["gpt_neox"],
  modules: GPT_NEOX_MODULES,
  needsOutput: true,
  rowOrder: (module, { headCount, headSize }) =>
    module === "attn_qkv" ? { kind: "by-part", headCount, headSize } : undefined,
  config(fields, shapes) {
    const vocabulary = vocabularySize(fields, shapes);
    const { hiddenSize, headCount, headSize } = headWidths(fields);
    const rotarySize = fields.count("rope.dimension_count", headSize, headSize);
    const { rope_theta: base, ...scaling } = rotaryConfig(fields, shapes, rotarySize);
    return {
      architectures: ["GPTNeoXForCausalLM"],
      model_type: "gpt_neox",
      vocab_size: vocabulary,
      hidden_size: hiddenSize,
      intermediate_size: fields.count("feed_forward_length"),
      num_hidden_layers: fields.blockCount("block_count"),
      num_attention_heads: headCount,
      hidden_act: "gelu",
      max_position_embeddings: fields.count("context_length"),
      layer_norm_eps: fields.positive("attention.layer_norm_epsilon"),
      rotary_emb_base: base,
      rotary_pct: rotarySize / headSize,
      ...scaling,
      use_parallel_residual: fields.boolean("use_parallel_residual", true),
      attention_bias: shapes.shape("blk.0.attn_qkv.bias") !== undefined,
      tie_word_embeddings: shapes.shape("output.weight") === undefined,
      ...tokenFields(fields, vocabulary),
    };
  },
  metadata(config, fields) {
    const { activation, size } = config.feedForward;
    if (!activation.startsWith("gelu")) throw refuseExport(fields, `its activation is ${activation}; gptneox has gelu`);
    const keys = new MetadataBuilder("gptneox");
    keys.count("vocab_size", config.vocabularySize);
    keys.count("context_length", config.contextLength);
    keys.count("embedding_length", config.hiddenSize);
    keys.count("block_count", config.blockCount);
    keys.count("feed_forward_length", size);
    keys.count("attention.head_count", config.headCount);
    keys.boolean("use_parallel_residual", config.isParallel);
    keys.float("attention.layer_norm_epsilon", config.norm.epsilon);
    if (config.positions.kind === "rotary") {
      keys.count("rope.dimension_count", 2 * config.positions.frequencies.length);
    }
    const rotary = rotaryMetadata(config, fields, keys, {
      baseField: "rotary_emb_base",
      partial: { field: "rotary_pct", share: 0.25 },
    });
    const notes =
      activation === "gelu"
        ? [
            ...rotary.notes,
            "llama.cpp computes GELU by tanh, the model by the error function: outputs differ a little.",
          ]
        : rotary.notes;
    return { architecture: "gptneox", metadata: keys.metadata, ...rotary, notes };
  },
};

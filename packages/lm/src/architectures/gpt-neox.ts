import type { DecoderConfig } from "../model/decoder-config.js";
import type { Block } from "../model/layers.js";
import { ACTIVATION_NAMES } from "./activation-names.js";
import type { Architecture, LayerBuilder } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { rotaryPositions } from "./rotary-frequencies.js";
import { specialTokens } from "./special-tokens.js";

/** GPT-NeoX and Pythia: the two halves of a block side by side, query, key and value of each head in one matrix, part of a head turning. */
export const gptNeox: Architecture = {
  modelTypes: ["gpt_neox"],
  plan(fields) {
    const config = gptNeoxConfig(fields);
    const hasBias = fields.boolean("attention_bias", true);
    const { hiddenSize, vocabularySize } = config;
    return {
      config,
      embedding: (build) => ({ tokens: build.matrix("gpt_neox.embed_in.weight", vocabularySize, hiddenSize) }),
      block: (build, index) => gptNeoxBlock(build, index, config, hasBias),
      head: (build) => ({
        norm: build.norm("gpt_neox.final_layer_norm", hiddenSize),
        output: build.linear(config.isTied ? "gpt_neox.embed_in" : "embed_out", vocabularySize, hiddenSize, {
          isHead: true,
          ...(config.isTied && { copyName: "embed_out.weight" }),
        }),
      }),
      unusedTensors: [
        // The causal mask and the angles, written by old versions of transformers.
        /^gpt_neox\.layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/,
      ],
    };
  },
};

function gptNeoxConfig(fields: ConfigFields): DecoderConfig {
  const hiddenSize = fields.count("hidden_size");
  const headCount = fields.count("num_attention_heads");
  if (hiddenSize % headCount !== 0)
    throw fields.invalid("num_attention_heads", `a divisor of hidden_size (${hiddenSize})`);
  const headSize = hiddenSize / headCount;
  if (fields.count("head_dim", headSize) !== headSize) throw fields.unsupported("head_dim", `${headSize}`);
  const blockCount = fields.blockCount("num_hidden_layers");
  const vocabularySize = fields.count("vocab_size");
  return {
    architecture: "gpt_neox",
    vocabularySize,
    hiddenSize,
    blockCount,
    headCount,
    keyValueHeadCount: headCount,
    headSize,
    feedForward: {
      isGated: false,
      activation: fields.choice("hidden_act", ACTIVATION_NAMES, "gelu"),
      size: fields.count("intermediate_size"),
    },
    norm: { kind: "layer", epsilon: fields.positive("layer_norm_eps", 1e-5) },
    positions: rotaryPositions(fields, {
      headSize,
      baseField: "rotary_emb_base",
      partial: { field: "rotary_pct", share: 0.25 },
    }),
    contextLength: fields.count("max_position_embeddings"),
    attentionScale: 1 / Math.sqrt(headSize),
    slidingWindows: Array<number>(blockCount).fill(0),
    isParallel: fields.boolean("use_parallel_residual", true),
    isTied: fields.boolean("tie_word_embeddings", false),
    ...specialTokens(fields, vocabularySize),
  };
}

function gptNeoxBlock(
  build: LayerBuilder,
  index: number,
  { hiddenSize, feedForward }: DecoderConfig,
  hasBias: boolean,
): Block {
  const block = `gpt_neox.layers.${index}`;
  return {
    index,
    attentionNorm: build.norm(`${block}.input_layernorm`, hiddenSize),
    attention: {
      input: {
        kind: "fused",
        layer: build.linear(`${block}.attention.query_key_value`, 3 * hiddenSize, hiddenSize, { bias: hasBias }),
        order: "by-head",
      },
      output: build.linear(`${block}.attention.dense`, hiddenSize, hiddenSize, { bias: hasBias }),
    },
    feedForwardNorm: build.norm(`${block}.post_attention_layernorm`, hiddenSize),
    feedForward: {
      up: build.linear(`${block}.mlp.dense_h_to_4h`, feedForward.size, hiddenSize, { bias: true }),
      down: build.linear(`${block}.mlp.dense_4h_to_h`, hiddenSize, feedForward.size, { bias: true }),
    },
  };
}

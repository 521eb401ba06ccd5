import type { ActivationConfig, DecoderConfig } from "../model/decoder-config.js";
import type { Block } from "../model/layers.js";
import { ACTIVATION_NAMES } from "./activation-names.js";
import type { DecoderPlan, LayerBuilder } from "./architecture.js";
import { bitnetTraits } from "./bitnet-quantization.js";
import type { ConfigFields } from "./config-fields.js";
import { rotaryPositions } from "./rotary-frequencies.js";
import { specialTokens } from "./special-tokens.js";

/** What sets the members of the Llama family apart. */
export interface GatedDecoderTraits {
  readonly biases?: { readonly input?: boolean; readonly output?: boolean; readonly feedForward?: boolean };
  /** Norms of query and key heads (Qwen3). */
  readonly hasHeadNorms?: boolean;
  /** Norms before the attention's and the feed-forward's last layer (BitNet). */
  readonly hasInnerNorms?: boolean;
  /** Per block; absent: no windows. */
  readonly slidingWindows?: readonly number[];
  /** `hidden_act` where the config does not say. */
  readonly activation?: string;
  /** `rms_norm_eps` where the config does not say; absent: 1e-6. */
  readonly epsilon?: number;
  /** `head_dim` where the config does not say; absent: hidden_size / num_attention_heads. */
  readonly headSize?: number;
  /** `rope_theta` where the config does not say; absent: 10 000. */
  readonly rotaryBase?: number;
  /** Matrices of the blocks are stored unrounded and made ternary on load (BitNet). */
  readonly isTernarized?: boolean;
  readonly activations?: ActivationConfig;
}

/** Llama and its relatives: RMS norms, rotary positions, grouped queries and a gated feed-forward layer, one after another. */
export function gatedDecoderPlan(fields: ConfigFields, family: GatedDecoderTraits): DecoderPlan {
  const traits = { ...family, ...bitnetTraits(fields) };
  const config = gatedDecoderConfig(fields, traits);
  const { hiddenSize, vocabularySize } = config;
  return {
    config,
    embedding: (build) => ({ tokens: build.matrix("model.embed_tokens.weight", vocabularySize, hiddenSize) }),
    block: (build, index) => gatedBlock(build, index, config, traits),
    head: (build) => ({
      norm: build.norm("model.norm", hiddenSize),
      output: build.linear(config.isTied ? "model.embed_tokens" : "lm_head", vocabularySize, hiddenSize, {
        isHead: true,
        ...(config.isTied && { copyName: "lm_head.weight" }),
      }),
    }),
    unusedTensors: [
      // Written by old versions of transformers.
      /^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/,
    ],
  };
}

function gatedDecoderConfig(fields: ConfigFields, traits: GatedDecoderTraits): DecoderConfig {
  const hiddenSize = fields.count("hidden_size");
  const headCount = fields.count("num_attention_heads");
  const keyValueHeadCount = fields.count("num_key_value_heads", headCount);
  if (headCount % keyValueHeadCount !== 0) {
    throw fields.invalid("num_key_value_heads", `a divisor of num_attention_heads (${headCount})`);
  }
  const otherwise = traits.headSize ?? hiddenSize / headCount;
  if (!fields.has("head_dim") && !Number.isInteger(otherwise)) {
    throw fields.invalid("num_attention_heads", `a divisor of hidden_size (${hiddenSize})`);
  }
  const headSize = fields.count("head_dim", otherwise);
  if (traits.hasInnerNorms && headCount * headSize !== hiddenSize) {
    throw fields.invalid("head_dim", `hidden_size / num_attention_heads (${hiddenSize / headCount})`);
  }
  const blockCount = fields.blockCount("num_hidden_layers");
  const vocabularySize = fields.count("vocab_size");
  return {
    architecture: fields.text("model_type"),
    vocabularySize,
    hiddenSize,
    blockCount,
    headCount,
    keyValueHeadCount,
    headSize,
    feedForward: {
      isGated: true,
      activation: fields.choice("hidden_act", ACTIVATION_NAMES, traits.activation ?? "silu"),
      size: fields.count("intermediate_size"),
    },
    norm: { kind: "rms", epsilon: fields.positive("rms_norm_eps", traits.epsilon ?? 1e-6) },
    positions: rotaryPositions(fields, {
      headSize,
      ...(traits.rotaryBase !== undefined && { base: traits.rotaryBase }),
    }),
    contextLength: fields.count("max_position_embeddings"),
    attentionScale: 1 / Math.sqrt(headSize),
    slidingWindows: traits.slidingWindows ?? Array<number>(blockCount).fill(0),
    isParallel: false,
    isTied: fields.boolean("tie_word_embeddings", false),
    ...(traits.activations !== undefined && { activations: traits.activations }),
    ...specialTokens(fields, vocabularySize),
  };
}

function gatedBlock(
  build: LayerBuilder,
  index: number,
  { hiddenSize, headCount, keyValueHeadCount, headSize, feedForward }: DecoderConfig,
  { biases = {}, hasHeadNorms = false, hasInnerNorms = false, isTernarized = false }: GatedDecoderTraits,
): Block {
  const block = `model.layers.${index}`;
  const attention = `${block}.self_attn`;
  const queries = headCount * headSize;
  const keys = keyValueHeadCount * headSize;
  const input = { bias: biases.input ?? false, isTernarized };
  const inner = { bias: biases.feedForward ?? false, isTernarized };
  return {
    index,
    attentionNorm: build.norm(`${block}.input_layernorm`, hiddenSize),
    attention: {
      input: {
        kind: "separate",
        query: build.linear(`${attention}.q_proj`, queries, hiddenSize, input),
        key: build.linear(`${attention}.k_proj`, keys, hiddenSize, input),
        value: build.linear(`${attention}.v_proj`, keys, hiddenSize, input),
      },
      ...(hasHeadNorms && {
        queryNorm: build.norm(`${attention}.q_norm`, headSize),
        keyNorm: build.norm(`${attention}.k_norm`, headSize),
      }),
      ...(hasInnerNorms && { outputNorm: build.norm(`${attention}.attn_sub_norm`, hiddenSize) }),
      output: build.linear(`${attention}.o_proj`, hiddenSize, queries, { bias: biases.output ?? false, isTernarized }),
    },
    feedForwardNorm: build.norm(`${block}.post_attention_layernorm`, hiddenSize),
    feedForward: {
      gate: build.linear(`${block}.mlp.gate_proj`, feedForward.size, hiddenSize, inner),
      up: build.linear(`${block}.mlp.up_proj`, feedForward.size, hiddenSize, inner),
      ...(hasInnerNorms && { downNorm: build.norm(`${block}.mlp.ffn_sub_norm`, feedForward.size) }),
      down: build.linear(`${block}.mlp.down_proj`, hiddenSize, feedForward.size, inner),
    },
  };
}

import type { DecoderConfig } from "../model/decoder-config.js";
import type { Block } from "../model/layers.js";
import { ACTIVATION_NAMES } from "./activation-names.js";
import type { Architecture, LayerBuilder } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { specialTokens } from "./special-tokens.js";

/** GPT-2: learned positions, layer norms with biases, one matrix for queries, keys and values, all stored transposed (Conv1D). */
export const gpt2: Architecture = {
  modelTypes: ["gpt2"],
  plan(fields) {
    const config = gpt2Config(fields);
    const isTransposed = hasTransposedWeights(fields);
    const { hiddenSize, vocabularySize, contextLength } = config;
    return {
      config,
      embedding: (build) => ({
        tokens: build.matrix("transformer.wte.weight", vocabularySize, hiddenSize),
        positions: build.matrix("transformer.wpe.weight", contextLength, hiddenSize),
      }),
      block: (build, index) => gpt2Block(build, index, config, isTransposed),
      head: (build) => ({
        norm: build.norm("transformer.ln_f", hiddenSize),
        output: build.linear(config.isTied ? "transformer.wte" : "lm_head", vocabularySize, hiddenSize, {
          isHead: true,
          ...(config.isTied && { copyName: "lm_head.weight" }),
        }),
      }),
      unusedTensors: [
        // The causal mask, written by old versions of transformers.
        /^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/,
      ],
      namePrefix: "transformer.",
    };
  },
};

function gpt2Config(fields: ConfigFields): DecoderConfig {
  for (const setting of ["scale_attn_by_inverse_layer_idx", "add_cross_attention"]) {
    if (fields.boolean(setting, false)) throw fields.unsupported(setting, "false");
  }
  const hiddenSize = fields.count("n_embd");
  const headCount = fields.count("n_head");
  if (hiddenSize % headCount !== 0) throw fields.invalid("n_head", `a divisor of n_embd (${hiddenSize})`);
  const headSize = hiddenSize / headCount;
  const blockCount = fields.blockCount("n_layer");
  const vocabularySize = fields.count("vocab_size");
  return {
    architecture: "gpt2",
    vocabularySize,
    hiddenSize,
    blockCount,
    headCount,
    keyValueHeadCount: headCount,
    headSize,
    feedForward: {
      isGated: false,
      activation: fields.choice("activation_function", ACTIVATION_NAMES, "gelu_new"),
      size: fields.count("n_inner", 4 * hiddenSize),
    },
    norm: { kind: "layer", epsilon: fields.positive("layer_norm_epsilon", 1e-5) },
    positions: { kind: "learned" },
    contextLength: fields.count("n_positions"),
    attentionScale: fields.boolean("scale_attn_weights", true) ? 1 / Math.sqrt(headSize) : 1,
    slidingWindows: Array<number>(blockCount).fill(0),
    isParallel: false,
    isTied: fields.boolean("tie_word_embeddings", true),
    ...specialTokens(fields, vocabularySize),
  };
}

/** GGUF files hold the matrices as other models do; what made the config of such a file says so. */
function hasTransposedWeights(fields: ConfigFields): boolean {
  return fields.object("lowbit")?.choice("linear_weights", { "in-out": true, "out-in": false }, "in-out") ?? true;
}

function gpt2Block(
  build: LayerBuilder,
  index: number,
  { hiddenSize, feedForward }: DecoderConfig,
  isTransposed: boolean,
): Block {
  const block = `transformer.h.${index}`;
  const convolution = { bias: true, isTransposed };
  return {
    index,
    attentionNorm: build.norm(`${block}.ln_1`, hiddenSize),
    attention: {
      input: {
        kind: "fused",
        layer: build.linear(`${block}.attn.c_attn`, 3 * hiddenSize, hiddenSize, convolution),
        order: "by-part",
      },
      output: build.linear(`${block}.attn.c_proj`, hiddenSize, hiddenSize, convolution),
    },
    feedForwardNorm: build.norm(`${block}.ln_2`, hiddenSize),
    feedForward: {
      up: build.linear(`${block}.mlp.c_fc`, feedForward.size, hiddenSize, convolution),
      down: build.linear(`${block}.mlp.c_proj`, hiddenSize, feedForward.size, convolution),
    },
  };
}

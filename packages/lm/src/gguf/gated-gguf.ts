import type { ConfigFields } from "../architectures/config-fields.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { ArchitectureMetadata, GgufArchitecture, GgufShapes, HuggingFaceConfig } from "./gguf-architecture.js";
import type { GgufFields } from "./gguf-fields.js";
import { windowConfig, windowMetadata } from "./gguf-windows.js";
import { sharedHeadSize } from "./head-size.js";
import { MetadataBuilder } from "./metadata-builder.js";
import { GATED_MODULES } from "./module-names.js";
import { refuseExport } from "./refuse-export.js";
import { rotaryConfig } from "./rotary-config.js";
import { rotaryMetadata } from "./rotary-metadata.js";
import { tokenFields, vocabularySize } from "./vocabulary-fields.js";

/** What sets the GGUF architectures of the Llama family apart. */
interface GatedTraits {
  /** Windows are stated where the architecture has them in every block (Mistral) or where the config turns them on (Qwen). */
  readonly windows: "mistral" | "qwen" | "none";
  /** Rows of queries and keys are interleaved. */
  readonly isInterleaved: boolean;
  /** The architecture's activation in llama.cpp, as config.json calls it. */
  readonly activation: string;
  /** llama.cpp reads a bias of attn_output. */
  readonly hasOutputBias: boolean;
  /** The output is the embedding: there is no other one in this architecture. */
  readonly isAlwaysTied?: boolean;
}

const CLASS_NAMES: Readonly<Record<string, string>> = {
  llama: "LlamaForCausalLM",
  mistral: "MistralForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
  bitnet: "BitNetForCausalLM",
};

/** Llama, and Mistral, which llama.cpp takes for a Llama. */
export const llamaGguf: GgufArchitecture = gatedGguf(["llama"], ["llama", "mistral"], {
  windows: "mistral",
  isInterleaved: true,
  activation: "silu",
  hasOutputBias: true,
});

export const qwen2Gguf: GgufArchitecture = gatedGguf(["qwen2"], ["qwen2"], {
  windows: "qwen",
  isInterleaved: false,
  activation: "silu",
  hasOutputBias: false,
});

export const qwen3Gguf: GgufArchitecture = gatedGguf(["qwen3"], ["qwen3"], {
  windows: "qwen",
  isInterleaved: false,
  activation: "silu",
  hasOutputBias: false,
});

const BITNET = { windows: "none", isInterleaved: false, hasOutputBias: false, isAlwaysTied: true } as const;

/** The first BitNet b1.58 models, with SiLU; llama.cpp's own architecture. */
export const bitnetGguf: GgufArchitecture = gatedGguf(["bitnet"], ["bitnet"], { ...BITNET, activation: "silu" });

/** BitNet b1.58 2B4T, with squared ReLU; only bitnet.cpp has this architecture. */
export const bitnet158Gguf: GgufArchitecture = gatedGguf(["bitnet-b1.58"], ["bitnet"], {
  ...BITNET,
  activation: "relu2",
});

function gatedGguf(names: readonly string[], modelTypes: readonly string[], traits: GatedTraits): GgufArchitecture {
  return {
    names,
    modelTypes,
    modules: GATED_MODULES,
    activation: traits.activation,
    rowOrder(module, { headCount, keyValueHeadCount, headSize }) {
      if (!traits.isInterleaved || !(module === "attn_q" || module === "attn_k")) return undefined;
      return {
        kind: "interleaved-halves",
        headCount: module === "attn_q" ? headCount : keyValueHeadCount,
        headSize,
      };
    },
    config: (fields, shapes) => gatedConfig(fields, shapes, modelTypes[0]!, traits),
    metadata: (config, fields) => gatedMetadata(config, fields, names[0]!, traits),
  };
}

function gatedConfig(fields: GgufFields, shapes: GgufShapes, family: string, traits: GatedTraits): HuggingFaceConfig {
  if (fields.has("expert_count") && fields.scalar(fields.key("expert_count")) !== 0) {
    throw fields.unsupported("expert_count", "0, a model without experts");
  }
  const vocabulary = vocabularySize(fields, shapes);
  const hiddenSize = fields.count("embedding_length");
  const headCount = fields.count("attention.head_count");
  const keyValueHeadCount = fields.count("attention.head_count_kv", headCount);
  if (headCount % keyValueHeadCount !== 0) {
    throw fields.invalid("attention.head_count_kv", `a divisor of attention.head_count (${headCount})`);
  }
  const headSize = headSizeOf(fields, hiddenSize, headCount);
  const blockCount = fields.blockCount("block_count");
  const windows = traits.windows === "none" ? {} : windowConfig(fields, traits.windows, blockCount);
  const modelType = family === "llama" && "sliding_window" in windows ? "mistral" : family;
  // Queries, keys and values of Qwen2 always have biases, those of Mistral never.
  const hasBiasSetting = modelType !== "qwen2" && modelType !== "mistral";
  const has = (tensor: string) => shapes.shape(tensor) !== undefined;
  return {
    architectures: [CLASS_NAMES[modelType]],
    model_type: modelType,
    vocab_size: vocabulary,
    hidden_size: hiddenSize,
    intermediate_size: fields.count("feed_forward_length"),
    num_hidden_layers: blockCount,
    num_attention_heads: headCount,
    num_key_value_heads: keyValueHeadCount,
    // Qwen3 has another default than the share of a head.
    ...((modelType === "qwen3" || headSize * headCount !== hiddenSize) && { head_dim: headSize }),
    hidden_act: traits.activation,
    max_position_embeddings: fields.count("context_length"),
    rms_norm_eps: fields.positive("attention.layer_norm_rms_epsilon"),
    ...rotaryConfig(fields, shapes, headSize),
    ...windows,
    ...(modelType === "llama" && { mlp_bias: has("blk.0.ffn_up.bias") }),
    ...(hasBiasSetting && { attention_bias: has("blk.0.attn_q.bias") }),
    tie_word_embeddings: traits.isAlwaysTied === true || !has("output.weight"),
    ...tokenFields(fields, vocabulary),
  };
}

/** Keys and values of one length: the forward pass has one head size. */
function headSizeOf(fields: GgufFields, hiddenSize: number, headCount: number): number {
  const isStated = fields.has("attention.key_length");
  const otherwise = isStated ? hiddenSize / headCount : sharedHeadSize(fields, hiddenSize, headCount);
  const headSize = fields.count("attention.key_length", otherwise);
  if (fields.count("attention.value_length", Math.trunc(otherwise)) !== headSize) {
    throw fields.unsupported("attention.value_length", `attention.key_length (${headSize})`);
  }
  if (headSize % 2 !== 0) throw fields.invalid("attention.key_length", "an even number");
  if (fields.count("rope.dimension_count", headSize) !== headSize) {
    throw fields.unsupported("rope.dimension_count", `the head size (${headSize})`);
  }
  return headSize;
}

function gatedMetadata(
  config: DecoderConfig,
  fields: ConfigFields,
  architecture: string,
  traits: GatedTraits,
): ArchitectureMetadata {
  const { activation } = config.feedForward;
  if (activation !== traits.activation) {
    throw refuseExport(fields, `its activation is ${activation}; ${architecture} has ${traits.activation}`);
  }
  if (traits.isAlwaysTied && !config.isTied) throw refuseExport(fields, `${architecture} has no output of its own`);
  const keys = new MetadataBuilder(architecture);
  keys.count("vocab_size", config.vocabularySize);
  keys.count("context_length", config.contextLength);
  keys.count("embedding_length", config.hiddenSize);
  keys.count("block_count", config.blockCount);
  keys.count("feed_forward_length", config.feedForward.size);
  keys.count("attention.head_count", config.headCount);
  keys.count("attention.head_count_kv", config.keyValueHeadCount);
  keys.count("attention.key_length", config.headSize);
  keys.count("attention.value_length", config.headSize);
  keys.float("attention.layer_norm_rms_epsilon", config.norm.epsilon);
  keys.count("rope.dimension_count", config.headSize);
  const rotary = rotaryMetadata(config, fields, keys);
  const notes = [...rotary.notes, ...windowMetadata(config, keys)];
  const hasOutputBias =
    ["llama", "qwen3", "bitnet"].includes(config.architecture) && fields.boolean("attention_bias", false);
  if (hasOutputBias && !traits.hasOutputBias) {
    notes.push(`llama.cpp refuses the bias of attn_output in the architecture ${architecture}.`);
  }
  if (architecture === "bitnet-b1.58") {
    notes.push("Only bitnet.cpp runs the architecture bitnet-b1.58; llama.cpp refuses the file.");
  }
  return { architecture, metadata: keys.metadata, ...rotary, notes };
}

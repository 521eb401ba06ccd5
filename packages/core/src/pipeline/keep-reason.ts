import { DTYPES, isFloatDtype } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";

/** Why a tensor stays as it is. */
export type KeepReason =
  | "already-quantized"
  | "not-float"
  | "empty"
  | "one-dimensional"
  | "unaligned-rows"
  | "low-bit-dtype"
  | "embedding"
  | "output-head"
  | "norm"
  | "bias"
  | "router"
  | "convolution"
  | "recurrence"
  | "rule";

/** The same for people; tables and reports print these. */
export const KEEP_REASONS: Readonly<Record<KeepReason, string>> = {
  "already-quantized": "already quantized",
  "not-float": "not a float dtype",
  empty: "has no elements",
  "one-dimensional": "one-dimensional",
  "unaligned-rows": "rows do not end at whole bytes",
  "low-bit-dtype": "stored in 8 bits or fewer",
  embedding: "embedding",
  "output-head": "output head",
  norm: "norm",
  bias: "bias",
  router: "router of experts",
  convolution: "convolution",
  recurrence: "recurrence",
  rule: "kept by a rule",
};

/** Reasons that no rule can overcome: there is no float matrix to quantize. */
export function impossibleReason(
  tensor: CheckpointTensor,
  quantizedParts: ReadonlySet<string>,
): KeepReason | undefined {
  if (quantizedParts.has(tensor.name)) return "already-quantized";
  if (!isFloatDtype(tensor.dtype)) return "not-float";
  if (tensor.shape.includes(0)) return "empty";
  if (tensor.shape.length < 2) return "one-dimensional";
  if ((tensor.shape.at(-1)! * DTYPES[tensor.dtype].bits) % 8 !== 0) return "unaligned-rows";
  return undefined;
}

/** Reasons by default; a rule that names the tensor wins over them. */
export function defaultKeepReason(tensor: CheckpointTensor): KeepReason | undefined {
  if (DTYPES[tensor.dtype].bits <= 8) return "low-bit-dtype";
  const parts = tensor.name.split(".");
  // A norm or an embedding further up only encloses the matrix, as in patch_embed.blocks.0.attn.qkv.weight.
  const [near, nearest] = [parts.slice(-3), parts.slice(-2)];
  if (nearest.some((part) => BIAS.test(part))) return "bias";
  if (OUTPUT_HEAD.test(tensor.name)) return "output-head";
  if (near.some((part) => EMBEDDING.test(part))) return "embedding";
  if (nearest.some((part) => NORM.test(part))) return "norm";
  if (parts.some((part) => ROUTER.test(part))) return "router";
  if (RECURRENCE.test(parts.at(-1)!)) return "recurrence";
  if (tensor.shape.length > 2 && tensor.shape.at(-1)! <= LONGEST_KERNEL) return "convolution";
  return undefined;
}

/** embed_tokens, word_embeddings, tok_embeddings, patch_embed, rel_pos_emb; wte and wpe of GPT-2, shared of T5. */
const EMBEDDING = /embed|emb$|^(wte|wpe|shared)$/i;
/**
 * lm_head of most models, output of Meta's Llama files, embed_out of GPT-NeoX, head of RWKV, lm_loss of XLNet,
 * cls.predictions.decoder of BERT, proj_out of Whisper.
 */
const OUTPUT_HEAD =
  /(^|\.)(\w*lm_head|embed_out|lm_loss|output_projection|pred_layer|predictions\.decoder)\.|^(model\.)?(output|head|proj_out|decoder)\.weight$/;
/** input_layernorm, q_norm, ln_1, ln_f. */
const NORM = /norm|^ln_/i;
/** One row an expert or a head: gate_up_proj_bias of gpt-oss, r_w_bias of XLNet, relative_attention_bias of T5. */
const BIAS = /(^|_)bias$/i;
/** The gate that chooses experts; gate_proj of an ordinary feed-forward layer is not one. */
const ROUTER = /^(gate|router|shared_expert_gate)$/;
/** What a recurrent layer raises to powers or mixes each step with: A_log of Mamba, time_mix_key and time_decay of RWKV. */
const RECURRENCE = /^(A_log|time_(mix|decay|first|maa|faaaa).*)$/;
/**
 * Tensors of three and more axes whose last one is this short are kernels of convolutions: a group ends with the row,
 * and one scale for each kernel would take more than the codes.
 */
const LONGEST_KERNEL = 16;

/** Endings under which other tools store the arrays of a quantized weight, its codes first. */
const FOREIGN_CODES = [
  ".qweight",
  ".weight_packed",
  ".weight_scale",
  ".weight_scale_inv",
  "_scale_inv",
  ".weight.absmax",
  ".SCB",
  ".W_q",
  "_blocks",
];

/**
 * Names of all tensors that belong to a module in which another tool has left a quantized weight: quantizing their
 * scales, or codes without their scales, would destroy them.
 */
export function foreignQuantizedParts(names: readonly string[]): Set<string> {
  const modules = new Set<string>();
  for (const name of names) {
    const ending = FOREIGN_CODES.find((candidate) => name.endsWith(candidate));
    if (ending !== undefined) modules.add(name.slice(0, -ending.length));
  }
  if (modules.size === 0) return modules;
  return new Set(
    names.filter((name) => modules.has(moduleOf(name)) || FOREIGN_CODES.some((ending) => name.endsWith(ending))),
  );

  function moduleOf(name: string): string {
    // Stacked experts are tensors of their own: gate_up_proj beside gate_up_proj_scale_inv.
    if (modules.has(name)) return name;
    for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
      const prefix = name.slice(0, end);
      if (modules.has(prefix)) return prefix;
    }
    const experts = /_(blocks|scales)$/.exec(name);
    return experts ? name.slice(0, experts.index) : name;
  }
}

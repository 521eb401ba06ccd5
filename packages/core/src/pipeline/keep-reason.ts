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
  | "router"
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
  router: "router of experts",
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
  const modules = tensor.name.split(".");
  if (modules.some((module) => EMBEDDING.test(module))) return "embedding";
  if (OUTPUT_HEAD.test(tensor.name)) return "output-head";
  if (modules.some((module) => NORM.test(module))) return "norm";
  if (modules.some((module) => ROUTER.test(module))) return "router";
  return undefined;
}

/** embed_tokens, word_embeddings, tok_embeddings, patch_embed; wte and wpe of GPT-2. */
const EMBEDDING = /embed|^wte$|^wpe$/i;
/** lm_head of Hugging Face models, output of Meta's Llama files, embed_out of GPT-NeoX. */
const OUTPUT_HEAD = /(^|\.)(lm_head|embed_out)\.|^(model\.)?output\.weight$/;
/** input_layernorm, q_norm, ln_1, ln_f. */
const NORM = /norm|^ln_/i;
/** The gate that chooses experts; gate_proj of an ordinary feed-forward layer is not one. */
const ROUTER = /^(gate|router|shared_expert_gate)$/;

/** Endings under which other tools store the arrays of a quantized weight, its codes first. */
const FOREIGN_CODES = [
  ".qweight",
  ".weight_packed",
  ".weight_scale",
  ".weight_scale_inv",
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
    for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
      const prefix = name.slice(0, end);
      if (modules.has(prefix)) return prefix;
    }
    const experts = /_(blocks|scales)$/.exec(name);
    return experts ? name.slice(0, experts.index) : name;
  }
}

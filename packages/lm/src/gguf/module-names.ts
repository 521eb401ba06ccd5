/** A module of a GGUF file and the same module in Hugging Face's files; N stands for the number of the block. */
export type ModuleName = readonly [gguf: string, huggingFace: string];

/** The Llama family: Llama, Mistral, Qwen2, Qwen3, BitNet. */
export const GATED_MODULES: readonly ModuleName[] = [
  ["token_embd", "model.embed_tokens"],
  ["output_norm", "model.norm"],
  ["output", "lm_head"],
  ["blk.N.attn_norm", "model.layers.N.input_layernorm"],
  ["blk.N.attn_q", "model.layers.N.self_attn.q_proj"],
  ["blk.N.attn_k", "model.layers.N.self_attn.k_proj"],
  ["blk.N.attn_v", "model.layers.N.self_attn.v_proj"],
  ["blk.N.attn_q_norm", "model.layers.N.self_attn.q_norm"],
  ["blk.N.attn_k_norm", "model.layers.N.self_attn.k_norm"],
  ["blk.N.attn_sub_norm", "model.layers.N.self_attn.attn_sub_norm"],
  ["blk.N.attn_output", "model.layers.N.self_attn.o_proj"],
  ["blk.N.ffn_norm", "model.layers.N.post_attention_layernorm"],
  ["blk.N.ffn_gate", "model.layers.N.mlp.gate_proj"],
  ["blk.N.ffn_up", "model.layers.N.mlp.up_proj"],
  ["blk.N.ffn_sub_norm", "model.layers.N.mlp.ffn_sub_norm"],
  ["blk.N.ffn_down", "model.layers.N.mlp.down_proj"],
];

export const GPT2_MODULES: readonly ModuleName[] = [
  ["token_embd", "transformer.wte"],
  ["position_embd", "transformer.wpe"],
  ["output_norm", "transformer.ln_f"],
  ["output", "lm_head"],
  ["blk.N.attn_norm", "transformer.h.N.ln_1"],
  ["blk.N.attn_qkv", "transformer.h.N.attn.c_attn"],
  ["blk.N.attn_output", "transformer.h.N.attn.c_proj"],
  ["blk.N.ffn_norm", "transformer.h.N.ln_2"],
  ["blk.N.ffn_up", "transformer.h.N.mlp.c_fc"],
  ["blk.N.ffn_down", "transformer.h.N.mlp.c_proj"],
];

export const GPT_NEOX_MODULES: readonly ModuleName[] = [
  ["token_embd", "gpt_neox.embed_in"],
  ["output_norm", "gpt_neox.final_layer_norm"],
  ["output", "embed_out"],
  ["blk.N.attn_norm", "gpt_neox.layers.N.input_layernorm"],
  ["blk.N.attn_qkv", "gpt_neox.layers.N.attention.query_key_value"],
  ["blk.N.attn_output", "gpt_neox.layers.N.attention.dense"],
  ["blk.N.ffn_norm", "gpt_neox.layers.N.post_attention_layernorm"],
  ["blk.N.ffn_up", "gpt_neox.layers.N.mlp.dense_h_to_4h"],
  ["blk.N.ffn_down", "gpt_neox.layers.N.mlp.dense_4h_to_h"],
];

/** Last parts of names: `.scale` is a factor of the whole tensor that llama.cpp keeps beside some types. */
const ENDINGS = /\.(weight|bias|scale)$/;
const BLOCK = /(?<=\.)\d+(?=\.)/;

/** "blk.3.attn_q.weight" as "model.layers.3.self_attn.q_proj.weight"; a name that no module has stays. */
export function huggingFaceName(modules: readonly ModuleName[], name: string): string {
  return translate(name, new Map(modules));
}

/** "model.layers.3.self_attn.q_proj.weight" as "blk.3.attn_q.weight"; undefined where GGUF has no such module. */
export function ggufName(modules: readonly ModuleName[], name: string): string | undefined {
  const found = translate(name, new Map(modules.map(([gguf, huggingFace]) => [huggingFace, gguf])));
  return found === name ? undefined : found;
}

function translate(name: string, names: ReadonlyMap<string, string>): string {
  const ending = ENDINGS.exec(name)?.[0];
  if (ending === undefined) return name;
  const module = name.slice(0, -ending.length);
  const block = BLOCK.exec(`${module}.`)?.[0];
  const found = names.get(block === undefined ? module : module.replace(BLOCK, "N"));
  return found === undefined ? name : `${found.replace(/(?<=\.)N(?=\.)/, block ?? "")}${ending}`;
}

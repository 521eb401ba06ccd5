import { describe, expect, it } from "vitest";
import type { Dtype } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { defaultKeepReason, foreignQuantizedParts, impossibleReason } from "./keep-reason.js";

function tensor(name: string, dtype: Dtype = "BF16", shape: readonly number[] = [8, 8]): CheckpointTensor {
  return { name, dtype, shape, shard: "model.safetensors", byteOffset: 0, byteLength: 128 };
}

describe("defaultKeepReason", () => {
  it.each([
    ["model.embed_tokens.weight", "embedding"],
    ["transformer.wte.weight", "embedding"],
    ["vision.patch_embed.proj.weight", "embedding"],
    ["lm_head.weight", "output-head"],
    ["output.weight", "output-head"],
    ["gpt_neox.embed_out.weight", "output-head"],
    ["generator_lm_head.weight", "output-head"],
    ["cls.predictions.decoder.weight", "output-head"],
    ["decoder.weight", "output-head"],
    ["proj_out.weight", "output-head"],
    ["model.decoder.layers.0.fc1.weight", undefined],
    ["shared.weight", "embedding"],
    ["model.layers.0.mlp.shared_experts.up_proj.weight", undefined],
    ["encoder.layers.0.attn.rel_pos_emb.weight", "embedding"],
    ["embed.encoders.0.self_attn.q_proj.weight", undefined],
    ["roberta_prelayernorm.encoder.layer.0.output.dense.weight", undefined],
    ["model.layers.0.mlp.experts.gate_up_proj_bias", "bias"],
    ["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", "bias"],
    ["backbone.layers.0.mixer.A_log", "recurrence"],
    ["rwkv.blocks.0.attention.time_mix_key", "recurrence"],
    ["rwkv.blocks.0.attention.key.weight", undefined],
    ["model.layers.0.time_mixer.key.weight", undefined],
    ["model.layers.0.input_layernorm.weight", "norm"],
    ["h.0.ln_1.weight", "norm"],
    ["model.layers.0.block_sparse_moe.gate.weight", "router"],
    ["model.layers.0.mlp.shared_expert_gate.weight", "router"],
    ["model.layers.0.mlp.router.weight", "router"],
    ["model.layers.0.mlp.gate_proj.weight", undefined],
    ["model.layers.0.self_attn.q_proj.weight", undefined],
    ["bert.encoder.layer.0.attention.output.dense.weight", undefined],
  ])("%s: %s", (name, reason) => {
    expect(defaultKeepReason(tensor(name))).toBe(reason);
  });

  it.each([
    [[512, 1, 4], "convolution"],
    [[64, 64, 3, 3], "convolution"],
    [[8, 64, 17], undefined],
    [[8, 4], undefined],
  ] as const)("shape %j: %s", (shape, reason) => {
    expect(defaultKeepReason(tensor("mixer.conv.weight", "BF16", shape))).toBe(reason);
  });

  it("keeps what is stored in 8 bits", () => {
    expect(defaultKeepReason(tensor("q_proj.weight", "F8_E4M3"))).toBe("low-bit-dtype");
  });
});

describe("impossibleReason", () => {
  it.each([
    [tensor("a", "I64"), "not-float"],
    [tensor("a", "BF16", [8]), "one-dimensional"],
    [tensor("a", "BF16", []), "one-dimensional"],
    [tensor("a", "BF16", [0, 8]), "empty"],
    [tensor("a", "F4", [2, 3]), "unaligned-rows"],
    [tensor("part"), "already-quantized"],
    [tensor("a"), undefined],
    [tensor("a", "F64", [2, 3, 4]), undefined],
  ])("%o: %s", (subject, reason) => {
    expect(impossibleReason(subject, new Set(["part"]))).toBe(reason);
  });
});

describe("foreignQuantizedParts", () => {
  it("finds all arrays of modules that another tool has quantized, and no others", () => {
    const gptq = ["l.0.q_proj.qweight", "l.0.q_proj.qzeros", "l.0.q_proj.scales", "l.0.q_proj.g_idx"];
    const fp8 = ["l.1.q_proj.weight", "l.1.q_proj.weight_scale_inv"];
    const bitsandbytes = ["l.2.q_proj.weight", "l.2.q_proj.weight.absmax", "l.2.q_proj.weight.quant_map"];
    const experts = ["l.4.experts.down_proj", "l.4.experts.down_proj_scale_inv"];
    const packed = ["l.5.q_proj.weight_packed", "l.5.q_proj.weight_shape", "l.5.q_proj.weight_scale"];
    const state = ["l.2.q_proj.weight.quant_state.bitsandbytes__nf4", "l.2.q_proj.weight.nested_absmax"];
    const mxfp4 = ["l.3.experts.gate_up_proj_blocks", "l.3.experts.gate_up_proj_scales"];
    const plain = ["l.0.o_proj.weight", "l.3.experts.gate_up_proj_bias", "lm_head.weight", "scales"];
    const parts = [...gptq, ...fp8, ...bitsandbytes, ...mxfp4, ...experts, ...packed, ...state];
    const found = foreignQuantizedParts([...parts, ...plain]);
    expect([...found].toSorted()).toEqual(parts.toSorted());
  });

  it("finds nothing in an ordinary model", () => {
    expect(foreignQuantizedParts(["a.weight", "a.bias", "b.scale"]).size).toBe(0);
  });
});

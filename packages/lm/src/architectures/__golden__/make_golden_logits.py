"""Writes golden logits of every architecture, computed by transformers in f32.

Weights are not stored: both sides compute them from the tensor's name by the rule of `weight_values`
(golden-weights.fixture.ts has the same rule). They have 8 significant bits, so that F32, F16 and BF16 hold them exactly.

    python make_golden_logits.py        (torch, transformers, safetensors, numpy)
"""

import json
import os
import tempfile
from pathlib import Path

os.environ["TORCHDYNAMO_DISABLE"] = "1"

import numpy as np
import torch
import transformers
from safetensors import safe_open
from safetensors.numpy import save_file
from transformers import (
    BitNetConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)
from transformers.integrations.bitnet import AutoBitLinear, replace_with_bitnet_linear
from transformers.utils.quantization_config import BitNetQuantConfig

HERE = Path(__file__).parent
IDS = [1, 17, 3, 39, 22, 22, 8, 0, 31, 40, 5, 13, 26]
VOCABULARY = 41
SHARED = {"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None}
ONLINE = {"quant_method": "bitnet", "linear_class": "autobitlinear", "quantization_mode": "online"}


def llama(**changes):
    sizes = dict(
        hidden_size=24,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=64,
    )
    return {**SHARED, **sizes, **changes}


CONFIGS = {
    "llama2": LlamaConfig(**llama(rms_norm_eps=1e-5)),
    "llama3": LlamaConfig(
        **llama(
            head_dim=8,
            attention_bias=True,
            mlp_bias=True,
            tie_word_embeddings=True,
            rope_parameters={
                "rope_type": "llama3",
                "rope_theta": 100.0,
                "factor": 4.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 16,
            },
        )
    ),
    "llama-linear": LlamaConfig(
        **llama(rope_parameters={"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.5}, num_key_value_heads=1)
    ),
    "llama-yarn": LlamaConfig(
        **llama(
            head_dim=16,
            num_attention_heads=3,
            num_key_value_heads=3,
            rope_parameters={
                "rope_type": "yarn",
                "rope_theta": 10.0,
                "factor": 4.0,
                "beta_fast": 2.0,
                "original_max_position_embeddings": 16,
            },
        )
    ),
    "smollm": LlamaConfig(
        **llama(hidden_size=36, num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True)
    ),
    "mistral": MistralConfig(**llama(sliding_window=4)),
    "qwen2": Qwen2Config(
        **llama(use_sliding_window=True, sliding_window=3, max_window_layers=1, tie_word_embeddings=True)
    ),
    "qwen3": Qwen3Config(**llama(head_dim=10, attention_bias=True, tie_word_embeddings=True)),
    "gpt2": GPT2Config(**SHARED, n_embd=24, n_head=3, n_layer=2, n_positions=32),
    "gpt-neox-parallel": GPTNeoXConfig(
        **llama(hidden_size=32, num_attention_heads=2, rope_parameters={"partial_rotary_factor": 0.25})
    ),
    "gpt-neox-sequential": GPTNeoXConfig(
        **llama(
            hidden_size=32,
            num_attention_heads=4,
            use_parallel_residual=False,
            rope_parameters={"partial_rotary_factor": 0.5, "rope_theta": 100.0},
        )
    ),
    "bitnet": BitNetConfig(**llama(tie_word_embeddings=True)),
    "bitnet-online": BitNetConfig(**llama(tie_word_embeddings=True)),
}


def weight_values(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """k / 128 · amplitude with k from -128 to 127, by FNV-1a of the name and a 32-bit mix of name and index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 0x9E3779B9 + seed) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> shift)) * factor) & 0xFFFFFFFF
    k = ((h ^ (h >> 16)) & 0xFF).astype(np.float32) - 128
    if len(shape) == 1 and name.endswith(".weight"):  # of a norm: around 1
        values = 1 + np.floor(k / 2) / 128
    else:
        values = k / 512
    return values.astype(np.float32).reshape(shape)


def make(name: str, config) -> None:
    config.dtype = torch.float32
    model_class = transformers.AutoModelForCausalLM
    with tempfile.TemporaryDirectory() as directory:
        model_class.from_config(config, attn_implementation="eager").save_pretrained(directory)
        path = Path(directory, "model.safetensors")
        with safe_open(path, "np") as file:
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}
        save_file({key: weight_values(key, shape) for key, shape in shapes.items()}, path, {"format": "pt"})
        model = model_class.from_pretrained(directory, attn_implementation="eager", dtype=torch.float32).eval()
        stored_config = json.loads(Path(directory, "config.json").read_text())
    if name == "bitnet-online":
        stored_config["quantization_config"] = ONLINE
        quantize_online(model)
    for key, parameter in model.named_parameters():
        assert parameter.abs().sum() > 0, key
    with torch.no_grad():
        logits = model(torch.tensor([IDS])).logits[0].double()
    golden = {
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "config": stored_config,
        "tensors": {key: list(shape) for key, shape in sorted(shapes.items())},
        "ids": IDS,
        "logits": [[round(value, 7) for value in row] for row in logits.tolist()],
    }
    text = json.dumps(golden, separators=(",", ":"))
    (HERE / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {len(text)} bytes, logits from {logits.min():.3f} to {logits.max():.3f}, std {logits.std():.3f}")


def quantize_online(model) -> None:
    """What loading with `quantization_config` does: every linear layer but the head rounds as it runs."""
    state = {key: value.clone() for key, value in model.state_dict().items()}
    quantization = BitNetQuantConfig(**{k: v for k, v in ONLINE.items() if k != "quant_method"})
    replace_with_bitnet_linear(model, modules_to_not_convert=["lm_head"], quantization_config=quantization)
    model.to_empty(device="cpu")
    for buffer_name, buffer in model.named_buffers():
        assert buffer_name.endswith("inv_freq"), buffer_name
    # to_empty also empties the angles; they are made anew.
    model.model.rotary_emb = type(model.model.rotary_emb)(model.config)
    model.load_state_dict(state)
    model.tie_weights()
    count = sum(isinstance(module, AutoBitLinear) for module in model.modules())
    assert count == 7 * model.config.num_hidden_layers, count


if __name__ == "__main__":
    for name, config in CONFIGS.items():
        make(name, config)

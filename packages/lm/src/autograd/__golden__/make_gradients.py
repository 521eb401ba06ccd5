"""Golden gradients: tiny random models of transformers, differentiated by PyTorch in float64.

    python make_gradients.py        # needs torch, transformers, safetensors

Each folder gets config.json and model.safetensors (a checkpoint like any other), gradients.safetensors (names as in the
checkpoint) and loss.json (token ids, mask, loss). Sizes are as small as the architecture allows.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, GPTNeoXConfig, GPTNeoXForCausalLM, Qwen3Config, Qwen3ForCausalLM

HERE = Path(__file__).parent
SEQUENCES, LENGTH, VOCABULARY = 2, 9, 24

MODELS = {
    # Grouped queries, norms of query and key heads, an untied head.
    "qwen3": (
        Qwen3ForCausalLM,
        Qwen3Config(
            vocab_size=VOCABULARY,
            hidden_size=16,
            intermediate_size=20,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=32,
            tie_word_embeddings=False,
        ),
    ),
    # Layer norms, biases, one transposed matrix for queries, keys and values, a table of positions, a tied head.
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(
            vocab_size=VOCABULARY, n_positions=16, n_embd=12, n_layer=2, n_head=3, n_inner=20, bos_token_id=None, eos_token_id=None
        ),
    ),
    # Parallel residual, rotation of a part of each head, queries, keys and values fused head by head.
    "gpt-neox": (
        GPTNeoXForCausalLM,
        GPTNeoXConfig(
            vocab_size=VOCABULARY,
            hidden_size=16,
            intermediate_size=20,
            num_hidden_layers=2,
            num_attention_heads=2,
            rotary_pct=0.5,
            max_position_embeddings=32,
            bos_token_id=None,
            eos_token_id=None,
        ),
    ),
}


# Names that the library changes when it writes a file.
FILE_NAMES = {("gpt-neox", "lm_head.weight"): "embed_out.weight"}


def randomise(model: torch.nn.Module) -> None:
    """Every parameter far from its initial 0 or 1, so that no gradient vanishes by chance."""
    for name, parameter in model.named_parameters():
        around_one = parameter.dim() == 1 and name.endswith("weight")
        scale = 0.2 if parameter.dim() == 1 else 1.5 / parameter.shape[-1] ** 0.5
        with torch.no_grad():
            parameter.copy_(torch.randn_like(parameter) * scale + around_one)


def save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    save_file(tensors, path)
    path.chmod(0o644)


def write(name: str, make, config) -> None:
    torch.manual_seed(3)
    model = make(config)
    randomise(model)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config.architectures = [make.__name__]
    (folder / "config.json").write_text(config.to_json_string(use_diff=True))
    in_file = lambda key: FILE_NAMES.get((name, key), key)
    weights = {in_file(key): value.detach().float().clone() for key, value in model.named_parameters()}
    save(weights, folder / "model.safetensors")

    model = model.double().eval()
    tokens = torch.randint(0, VOCABULARY, (SEQUENCES, LENGTH + 1))
    counted = torch.ones(SEQUENCES, LENGTH, dtype=torch.bool)
    counted[1, 3] = counted[0, 0] = False
    logits = model(tokens[:, :-1]).logits
    losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none")
    loss = losses[counted].mean()
    loss.backward()
    gradients = {in_file(key): value.grad.float() for key, value in model.named_parameters()}
    save(gradients, folder / "gradients.safetensors")
    facts = {"sequences": SEQUENCES, "tokens": tokens.flatten().tolist(), "counted": counted.int().flatten().tolist(), "loss": loss.item()}
    (folder / "loss.json").write_text(json.dumps(facts) + "\n")


for name, (make, config) in MODELS.items():
    write(name, make, config)

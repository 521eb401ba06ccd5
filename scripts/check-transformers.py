"""Round trip of small random models through lowbit and the Python package transformers. Optional: no test needs it.

    pip install torch safetensors transformers
    python scripts/check-transformers.py          # after pnpm build

Every model is saved by transformers in shards, quantized to 8 bits, turned back into plain tensors, and loaded by
transformers again, which must find every tensor, the values of the files, and nearly the same logits.
"""

import difflib, pathlib, subprocess, tempfile
import torch, transformers
from safetensors.torch import load_file

CLI = pathlib.Path(__file__).parent.parent / "packages" / "cli" / "dist" / "main.js"
SMALL = dict(vocab_size=320, hidden_size=64, intermediate_size=160, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2)
MODELS = {
    "llama": transformers.LlamaConfig(**SMALL),
    "llama, tied": transformers.LlamaConfig(**SMALL, tie_word_embeddings=True),
    "gpt2, inputs × outputs": transformers.GPT2Config(vocab_size=320, n_embd=64, n_layer=2, n_head=4, n_positions=128, bos_token_id=1, eos_token_id=2),
    "qwen2, biases": transformers.Qwen2Config(**SMALL),
    "mixtral, experts apart": transformers.MixtralConfig(**SMALL, num_local_experts=4),
    "gpt-oss, experts stacked": transformers.GptOssConfig(**SMALL, head_dim=16, num_local_experts=4, num_experts_per_tok=2),
}
IDS = torch.arange(80).reshape(2, 40) * 7 % 320
KEPT = ("embed", "wte", "wpe", "lm_head", "norm", ".ln_", "bias", ".gate.weight", "router", "sinks")


def lowbit(*arguments):
    ended = subprocess.run(["node", CLI, *map(str, arguments)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def tensors(folder):
    return {name: value for path in folder.glob("*.safetensors") for name, value in load_file(path).items()}


@torch.no_grad()
def logits(model):
    return model.float().eval()(IDS).logits


def round_trip(config, dtype, folder):
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=float(parameter.ndim == 1), std=0.05)
    original, packed, plain = folder / "original", folder / "packed", folder / "plain"
    model.to(dtype).save_pretrained(original, max_shard_size="100KB")
    lowbit("quantize", original, packed, "--method", "rtn", "--bits", 8, "--keep-split")
    name = {torch.bfloat16: "bf16", torch.float16: "f16", torch.float32: "f32"}[dtype]
    lowbit("dequantize", packed, plain, "--dtype", name, "--max-shard-size", "60KB")
    before, after = tensors(original), tensors(plain)
    assert before.keys() == after.keys()
    for key, value in before.items():
        kept = value.ndim == 1 or any(part in key for part in KEPT)
        assert torch.equal(value, after[key]) == kept, f"{key} was {'changed' if kept else 'kept'}"
    configs = [(path / "config.json").read_text().splitlines() for path in (original, plain)]
    assert configs[0] == configs[1], "\n".join(difflib.unified_diff(*configs))
    loaded, report = transformers.AutoModelForCausalLM.from_pretrained(plain, local_files_only=True, output_loading_info=True)
    assert not any(report[problem] for problem in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
    values = loaded.state_dict()
    assert all(torch.equal(values[key], value) for key, value in after.items() if key in values)
    wanted, found = logits(model), logits(loaded)
    return ((found - wanted).norm() / wanted.norm()).item()


def main():
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name, config in MODELS.items():
        for dtype in (torch.bfloat16, torch.float16, torch.float32):
            with tempfile.TemporaryDirectory() as folder:
                error = round_trip(config, dtype, pathlib.Path(folder))
            print(f"{name}, {dtype}: relative change of the logits {error:.4f}", flush=True)
            assert error < 0.03


if __name__ == "__main__":
    main()

"""Files of HQQ in lowbit, on CPU. Optional: no test needs it.

    pip install torch safetensors transformers hqq
    python scripts/clients/check_hqq.py > docs/clients/hqq.txt     # after pnpm build

The linear layers of the bundled model are quantized by hqq, computing in float32, and saved as hqq encodes its state. lowbit
must read the weights that hqq dequantizes, to the bit, and compute the logits of hqq's layers, to 1e-3.
"""

import importlib.metadata, json, pathlib, shutil, tempfile

import torch
from hqq.core.quantize import BaseQuantizeConfig, HQQLinear
from lowbit import IDS, MODEL, logits, weights
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

SETTINGS = [
    dict(nbits=nbits, group_size=group_size, axis=axis)
    for nbits, group_size, axis in [(8, 128, 1), (6, 64, 1), (5, 64, 1), (4, 64, 1), (3, 64, 1), (2, 16, 1), (1.58, 32, 1), (1, 32, 1), (4, 64, 0), (3, 64, 0), (2, 16, 0)]
]


def quantized(settings):
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    layers = {}
    for parent_name, parent in list(model.model.layers.named_modules()):
        for child_name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear):
                config = BaseQuantizeConfig(**settings)
                config["weight_quant_params"]["optimize"] = False  # takes long, and the layout is the same
                layer = HQQLinear(child, config, compute_dtype=torch.float32, device="cpu")
                setattr(parent, child_name, layer)
                layers[f"model.layers.{parent_name}.{child_name}"] = layer
    return model.eval(), layers


def saved(model, layers, settings, folder):
    tensors = {f"{name}.{key}": value.data.contiguous() for name, layer in layers.items() for key, value in layer.state_dict().items() if value is not None}
    for name, value in model.named_parameters():
        if name.rpartition(".")[0] not in layers and name != "lm_head.weight":
            tensors[name] = value.data
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((MODEL / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "hqq", "quant_config": {"weight_quant_params": settings}, "skip_modules": ["lm_head"]}
    (folder / "config.json").write_text(json.dumps(config))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(MODEL / name, folder)


@torch.no_grad()
def check(settings):
    model, layers = quantized(settings)
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path, "hqq")
        folder.mkdir()
        saved(model, layers, settings, folder)
        ours = weights(folder)
        wrong = sum(int((ours[f"{name}.weight"] != layer.dequantize()).sum()) for name, layer in layers.items())
        distance = float((model(torch.tensor([IDS])).logits[0] - logits(folder)).abs().max())
    print(f"{settings['nbits']:<6}{settings['group_size']:<7}{settings['axis']:<6}{len(layers):<8}{wrong:<15}{distance:.1e}", flush=True)
    assert wrong == 0 and distance < 1e-3 and len(layers) == 42


versions = {name: importlib.metadata.version(name) for name in ("hqq", "transformers", "torch")}
print(", ".join(f"{name} {version}" for name, version in versions.items()) + ", CPU\n")
print("bits  group  axis  layers  values differ  largest difference of logits")
for settings in SETTINGS:
    check(settings)

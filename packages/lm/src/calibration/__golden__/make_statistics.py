"""Statistics of the bundled model on a few fixed samples, by hooks on the model of transformers, summed in float64.

    python make_statistics.py        (torch, transformers, safetensors)

Writes statistics.json beside this file: of every linear layer of the first and last block the diagonal of the Hessian at
some features, some elements beside it, means of |x| and x², and means of |g| and g² of some weights over the samples.
"""

import json, pathlib
import torch
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
MODEL = HERE.parents[4] / "examples" / "tiny-llama"
SAMPLES, LENGTH = 2, 16

torch.manual_seed(0)
ids = torch.randint(0, 2048, (SAMPLES, LENGTH))
ids[:, 0] = 1
model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()
last = model.config.num_hidden_layers - 1
layers = {
    name: module
    for name, module in model.named_modules()
    if isinstance(module, torch.nn.Linear) and name.startswith(("model.layers.0.", f"model.layers.{last}."))
}
inputs = {name: [] for name in layers}
for name, module in layers.items():
    module.register_forward_pre_hook(lambda _m, args, name=name: inputs[name].append(args[0].detach().double()))

absolute = {name: torch.zeros_like(module.weight, dtype=torch.float64) for name, module in layers.items()}
square = {name: torch.zeros_like(module.weight, dtype=torch.float64) for name, module in layers.items()}
for sample in ids:
    model.zero_grad()
    model(input_ids=sample[None], labels=sample[None]).loss.backward()
    for name, module in layers.items():
        gradient = module.weight.grad.double()
        absolute[name] += gradient.abs() / SAMPLES
        square[name] += gradient**2 / SAMPLES

golden = {}
for name in layers:
    x = torch.cat([each.reshape(-1, each.shape[-1]) for each in inputs[name]])
    hessian = 2 / SAMPLES * x.T @ x
    features = [0, 1, 17, 100, x.shape[1] - 1]
    places = [(0, 0), (1, 200), (5, 17), (absolute[name].shape[0] - 1, x.shape[1] - 1)]
    golden[f"{name}.weight"] = {
        "features": features,
        "hessian": [[hessian[i, j].item() for j in features] for i in features],
        "meanAbs": [x.abs().mean(0)[i].item() for i in features],
        "meanSquare": [(x**2).mean(0)[i].item() for i in features],
        "weights": places,
        "gradientAbs": [absolute[name][place].item() for place in places],
        "gradientSquare": [square[name][place].item() for place in places],
        "meanGradientAbs": absolute[name].mean().item(),
    }
text = json.dumps({"length": LENGTH, "ids": ids.flatten().tolist(), "layers": golden}, indent=1)
(HERE / "statistics.json").write_text(text + "\n")

"""Golden files of the BitNet reader, made by transformers on CPU. Optional: no test needs it.

    pip install torch transformers
    python scripts/clients/bitnet_golden.py
"""

import torch, transformers
from golden import case, write
from transformers.integrations.bitnet import pack_weights, unpack_weights

NAME = "model.layers.0.mlp.up_proj.weight"
ternary = torch.randint(-1, 2, (12, 10), generator=torch.Generator().manual_seed(1)).to(torch.float32)
mean = torch.tensor([0.0625], dtype=torch.bfloat16)  # 1 / mean is a bfloat16 too


def stored(name, linear_class, scale):
    packed = pack_weights(ternary.clone())
    unpacked = unpack_weights(packed, torch.float32)
    weight = unpacked / scale.float() if linear_class == "bitlinear" else unpacked * scale.float()
    config = {"quant_method": "bitnet", "linear_class": linear_class, "quantization_mode": "offline"}
    tensors = {NAME: packed, f"{NAME}_scale": scale}
    return case(name, tensors, {NAME: weight}, {"torch_dtype": "bfloat16", "quantization_config": config})


cases = [stored("bitlinear divides", "bitlinear", 1 / mean), stored("autobitlinear multiplies", "autobitlinear", mean)]
write("bitnet", cases, transformers=transformers.__version__)

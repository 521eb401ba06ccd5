"""Golden files of the readers of block FP8 and of gpt-oss, made by transformers on CPU. Optional: no test needs it.

    pip install torch transformers
    python scripts/clients/fp8_golden.py
"""

import torch, transformers
from golden import case, write
from transformers.integrations.finegrained_fp8 import Fp8Dequantize
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

NAME = "model.layers.0.mlp.up_proj.weight"
random = torch.Generator().manual_seed(3)


def blocks(name, rows, columns, block, scale_dtype=torch.float32):
    codes = torch.randn(rows, columns, generator=random).mul(100).to(torch.float8_e4m3fn)
    grid = (rows // block[0], columns // block[1])
    scales = torch.rand(grid, generator=random).add(0.5).div(256).to(scale_dtype)
    expected = Fp8Dequantize(None)._dequantize_one(codes, scales, torch.float32)
    config = {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": list(block)}
    tensors = {NAME: codes, f"{NAME}_scale_inv": scales}
    return case(name, tensors, {NAME: expected}, {"torch_dtype": "bfloat16", "quantization_config": config})


def experts(name):
    """Fused experts: stacked matrices with stacked blocks."""
    stack = "model.layers.0.mlp.experts.gate_up_proj"
    codes = torch.randn(2, 8, 16, generator=random).mul(100).to(torch.float8_e4m3fn)
    scales = torch.rand(2, 2, 4, generator=random).add(0.5)
    expected = Fp8Dequantize(None)._dequantize_one(codes, scales, torch.float32)
    config = {"quant_method": "fp8", "weight_block_size": [4, 4]}
    return case(name, {stack: codes, f"{stack}_scale_inv": scales}, {stack: expected}, {"quantization_config": config})


def gpt_oss(name):
    stack = "model.layers.0.mlp.experts.gate_up_proj"
    packed = torch.randint(0, 256, (2, 6, 3, 16), generator=random, dtype=torch.uint8)
    scales = torch.randint(118, 130, (2, 6, 3), generator=random, dtype=torch.uint8)
    expected = convert_moe_packed_tensors(packed, scales).transpose(1, 2)  # the client turns them for its own layers
    return case(name, {f"{stack}_blocks": packed, f"{stack}_scales": scales}, {stack: expected})


write("fp8", [blocks("blocks", 12, 32, (4, 8)), blocks("BF16 scales", 8, 8, (4, 4), torch.bfloat16), experts("experts")],
      transformers=transformers.__version__)
write("gpt-oss", [gpt_oss("blocks and scales")], transformers=transformers.__version__)

"""Golden files of the GPTQ and AWQ readers, made by the packers of GPTQModel on CPU. Optional: no test needs it.

    pip install torch safetensors transformers
    BUILD_CUDA_EXT=0 pip install --no-build-isolation gptqmodel
    python scripts/clients/gptq_golden.py

Weights are those of GPTQModel's own torch kernel, from the same tensors. It stores zeros of version 2 in memory and
converts when it saves version 1.
"""

import importlib.metadata
from types import SimpleNamespace

import torch
from golden import case, write
from gptqmodel.nn_modules.qlinear.torch import TorchLinear
from gptqmodel.nn_modules.qlinear.torch_awq import AwqTorchLinear
from gptqmodel.quantization import FORMAT
from gptqmodel.quantization.awq.utils.packing_utils import dequantize_gemm
from gptqmodel.utils.model import convert_gptq_v2_to_v1_format_module

MODULE = "model.layers.0.mlp.up_proj"


def quantized(rows, columns, bits, group_size, sym, order=None, smallest_zero=1):
    """A linear layer with weights on the grid of the scales and zeros that are returned beside it."""
    generator = torch.Generator().manual_seed(rows + columns + bits)
    groups = -(-columns // group_size)
    scales = (torch.rand(rows, groups, generator=generator) * 0.02 + 0.01).half().float()
    zeros = torch.randint(smallest_zero, 2**bits, (rows, groups), generator=generator).float()
    if sym:
        zeros.fill_(2 ** (bits - 1))
    g_idx = torch.arange(columns) // group_size
    if order is not None:
        g_idx = g_idx[order]
    codes = torch.randint(0, 2**bits, (rows, columns), generator=generator).float()
    weight = scales[:, g_idx] * (codes - zeros[:, g_idx])
    linear = torch.nn.Linear(columns, rows, bias=False)
    linear.weight.data = weight
    return linear, scales, zeros, g_idx.int()


def gptq(name, bits, format, sym, rows=32, columns=64, group_size=32, desc_act=False, smallest_zero=1):
    order = torch.randperm(columns, generator=torch.Generator().manual_seed(5)) if desc_act else None
    linear, scales, zeros, g_idx = quantized(rows, columns, bits, group_size, sym, order, smallest_zero)
    module = TorchLinear(
        bits=bits, group_size=group_size, sym=sym, desc_act=desc_act, in_features=columns, out_features=rows,
        bias=False, pack_dtype=torch.int32, register_buffers=True, format=format,
    )
    module.pack_block(linear, scales, zeros, g_idx)
    module.post_init()
    expected = module.dequantize_weight().T.contiguous()
    if format == FORMAT.GPTQ:
        convert_gptq_v2_to_v1_format_module(module, SimpleNamespace(bits=bits, pack_dtype=torch.int32))
    tensors = {f"{MODULE}.{key}": getattr(module, key).clone() for key in ("qweight", "qzeros", "scales", "g_idx")}
    config = {"quantization_config": {"quant_method": "gptq", "checkpoint_format": format.value, "bits": bits,
                                      "group_size": group_size, "desc_act": desc_act, "sym": sym, "meta": {"quantizer": [f"gptqmodel:{version}"]}}}
    return case(name, tensors, {f"{MODULE}.weight": expected}, config)


def awq(name, sym, rows=32, columns=64, group_size=32):
    linear, scales, zeros, _ = quantized(rows, columns, 4, group_size, sym, smallest_zero=0)
    module = AwqTorchLinear(
        bits=4, group_size=group_size, sym=sym, desc_act=False, in_features=columns, out_features=rows, register_buffers=True,
    )
    module.pack(linear, scales, zeros)
    expected = dequantize_gemm(module.qweight, module.qzeros, module.scales, 4, group_size).T.contiguous()
    tensors = {f"{MODULE}.{key}": getattr(module, key).clone() for key in ("qweight", "qzeros", "scales")}
    config = {"quantization_config": {"quant_method": "awq", "version": "gemm", "bits": 4, "group_size": group_size, "zero_point": not sym}}
    return case(name, tensors, {f"{MODULE}.weight": expected}, config)


version = importlib.metadata.version("gptqmodel")
cases = [
    gptq(f"{format.value}, {bits} bits, {'symmetric' if sym else 'asymmetric'}", bits, format, sym)
    for format in (FORMAT.GPTQ, FORMAT.GPTQ_V2) for bits in (2, 3, 4, 8) for sym in (True, False)
]
cases += [gptq(f"gptq_p, {bits} bits", bits, FORMAT.GPTQ_P, False) for bits in (3, 5, 6, 7)]
cases += [gptq(f"act-order, {bits} bits", bits, FORMAT.GPTQ, False, group_size=16, desc_act=True) for bits in (3, 4)]
# GPTQModel subtracts one from whole words: a zero of 0 borrows from its neighbour.
cases += [gptq(f"zeros of 0 in version 1, {bits} bits", bits, FORMAT.GPTQ, False, smallest_zero=0) for bits in (2, 3, 4, 8)]
cases += [gptq("one scale a row", 4, FORMAT.GPTQ, True, group_size=64)]
write("gptq", cases, gptqmodel=version)
write("awq", [awq("groups", False), awq("symmetric", True), awq("one scale a row", False, group_size=64)], gptqmodel=version)

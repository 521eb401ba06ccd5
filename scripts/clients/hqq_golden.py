"""Golden files of the HQQ reader, made by hqq on CPU. Optional: no test needs it.

    pip install torch hqq safetensors
    python scripts/clients/hqq_golden.py

HQQ computes (code − zero) · scale in its compute dtype, which rounds the difference to float16; the weights here are those
of its own dequantizer set to float32, which are the ones that the file states.
"""

import importlib.metadata

import torch
from golden import case, write
from hqq.core.quantize import BaseQuantizeConfig, HQQLinear, Quantizer

MODULE = "model.layers.0.mlp.up_proj"


def layer(name, rows, columns, nbits, axis, group_size=64, dtype=torch.float16, more=None, **options):
    generator = torch.Generator().manual_seed(rows + int(10 * nbits))
    weight = torch.randn(rows, columns, generator=generator) * 0.1 + 0.03
    config = BaseQuantizeConfig(nbits=nbits, group_size=group_size, axis=axis, **options)
    config["weight_quant_params"].update(more or {})
    linear = HQQLinear.from_weights(weight.to(dtype), None, config, compute_dtype=dtype, device="cpu")
    state = {f"{MODULE}.{key}": value.data for key, value in linear.state_dict().items() if value is not None}
    meta = {key: value.float() if key in ("scale", "zero") else value for key, value in linear.meta.items()}
    expected = Quantizer.dequantize(linear.W_q.data, {**meta, "compute_dtype": torch.float32})
    if dtype == torch.float32:
        assert torch.equal(expected, linear.dequantize()), name
    return case(name, state, {f"{MODULE}.weight": expected.reshape(rows, columns)})


cases = [layer(f"{nbits} bits, axis {axis}", 16, 40, nbits, axis, 8 if axis else 16) for axis in (1, 0) for nbits in (8, 4, 3, 2, 1)]
cases += [
    layer("6 bits, one a byte", 8, 64, 6, 1),
    layer("5 bits, one a byte", 8, 64, 5, 1),
    layer("1.58 bits, packed as two", 16, 64, 1.58, 1, 32),
    layer("bfloat16", 8, 64, 4, 1, 32, torch.bfloat16),
    layer("float32", 8, 64, 4, 1, 32, torch.float32),
    layer("groups that do not end with the row", 16, 24, 4, 1, 32),
    layer("groups of several rows", 16, 32, 4, 1, 64),
    layer("axis 0, groups that are no whole rows", 12, 40, 4, 0, 16),
    layer("axis 0 in three bits, blocks filled up", 48, 16, 3, 0, 24),
    layer("one scale a row", 8, 64, 4, 1, None),
    layer("one scale for all", 8, 64, 4, 1, None, more={"channel_wise": False}),
    layer("bytes stored as float16", 8, 64, 4, 1, 32, view_as_float=True),
]
write("hqq", cases, hqq=importlib.metadata.version("hqq"))

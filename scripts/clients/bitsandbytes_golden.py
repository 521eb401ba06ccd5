"""Golden files of the bitsandbytes reader, made by bitsandbytes on CPU. Optional: no test needs it.

    pip install torch bitsandbytes
    python scripts/clients/bitsandbytes_golden.py
"""

import bitsandbytes, torch
from bitsandbytes import functional
from bitsandbytes.backends.default.ops import _dequantize_4bit_compute
from golden import case, write

NAME = "model.layers.0.mlp.up_proj.weight"


def weight(rows, columns, dtype=torch.bfloat16):
    values = torch.randn(rows, columns, generator=torch.Generator().manual_seed(rows))
    return (values * torch.linspace(0.5, 2, rows)[:, None]).to(dtype)


def four_bits(name, type, rows, columns, dtype=torch.bfloat16, **options):
    packed, state = functional.quantize_4bit(weight(rows, columns, dtype), quant_type=type, **options)
    parts = {f"{NAME}.{key}": value for key, value in state.as_dict(packed=True).items()}
    absmax = state.absmax
    if state.nested:
        absmax = functional.dequantize_blockwise(state.absmax, state.state2) + state.offset
    # The reference of the client. Its compiled CPU kernel (0.50.2) takes other scales when a row is no multiple of the
    # block; on all other shapes both must agree.
    flat = packed.view(torch.uint8).reshape(-1)
    expected = _dequantize_4bit_compute(flat, absmax, state.code, state.blocksize, (rows, columns), dtype)
    if columns % state.blocksize == 0:
        assert torch.equal(expected, functional.dequantize_4bit(packed, state)), name
    return case(name, {NAME: packed, **parts}, {NAME: expected})


def eight_bits(name, rows, columns):
    codes, scales, _ = functional.int8_vectorwise_quant(weight(rows, columns, torch.float16))
    module = NAME.removesuffix(".weight")
    tensors = {NAME: codes, f"{module}.SCB": scales, f"{module}.weight_format": torch.zeros((), dtype=torch.uint8)}
    return case(name, tensors, {NAME: functional.int8_vectorwise_dequant(codes, scales)}, {"torch_dtype": "float16"})


cases = [
    four_bits("nf4", "nf4", 6, 128, blocksize=64),
    four_bits("nf4, nested scales", "nf4", 300, 64, blocksize=64, compress_statistics=True),
    four_bits("nf4, rows that are no multiple of the block", "nf4", 6, 96, blocksize=64),
    four_bits("nf4, blocks of several rows", "nf4", 8, 32, torch.float16, blocksize=128),
    four_bits("nf4, an odd number of columns, a short last block", "nf4", 5, 27, torch.float32, blocksize=64),
    four_bits("nf4, bytes stored as bfloat16", "nf4", 6, 128, blocksize=64, quant_storage=torch.bfloat16),
    four_bits("fp4", "fp4", 6, 128, blocksize=64),
    eight_bits("LLM.int8()", 6, 40),
]
write("bitsandbytes", cases, bitsandbytes=bitsandbytes.__version__)

"""Golden files of the compressed-tensors reader, made by the client's own compressors on CPU. Optional: no test needs it.

    pip install torch compressed-tensors
    pip download compressed-tensors==0.9.4 --no-deps -d OLD && unzip OLD/*.whl -d OLD   # the last packing with idle bits
    python scripts/clients/compressed_tensors_golden.py OLD
"""

import json, math, pathlib, sys, typing

import compressed_tensors, numpy, torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32
from compressed_tensors.quantization import QuantizationArgs, QuantizationConfig, QuantizationScheme
from golden import case, write

ROWS, COLUMNS = 20, 64
OLD = pathlib.Path(sys.argv[1]) / "compressed_tensors" / "compressors" / "quantized_compressors" / "pack_quantized.py"


def weight(seed=0, rows=ROWS, columns=COLUMNS):
    values = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    return (values * torch.linspace(0.5, 2, rows)[:, None]).to(torch.bfloat16)


def parameters(values, args, block=None):
    """Scales and zero points by round to nearest over the range of what shares them."""
    rows, columns = values.shape
    if args.strategy == "tensor":
        shared = values.float().reshape(1, 1, -1)
    elif args.strategy == "channel":
        shared = values.float().reshape(rows, 1, columns)
    elif args.strategy == "block":
        high, wide = args.block_structure
        shared = values.float().reshape(rows // high, high, columns // wide, wide).transpose(1, 2).flatten(2)
    else:
        shared = values.float().reshape(rows, columns // args.group_size, args.group_size)
    low, high = shared.amin(-1).clamp(max=0), shared.amax(-1).clamp(min=0)
    most = torch.maximum(low.abs(), high.abs())
    if args.type == "float":
        return most / (448.0 if args.num_bits == 8 else 6.0), None
    half = 2 ** (args.num_bits - 1)
    if args.symmetric:
        return most / max(half - 0.5, 0.5), None
    scale = (high - low) / (2 * half - 1)
    return scale, (torch.round(-low / scale) - half).clamp(-half, half - 1).to(torch.int8)


def compressed(name, format, args, dtype=torch.bfloat16, seed=0, columns=COLUMNS, repack=None, activations=None):
    args = QuantizationArgs(**args)
    scheme = QuantizationScheme(targets=["Linear"], weights=args, format=format, input_activations=activations)
    values = weight(seed, columns=columns)
    scale, zero = parameters(values, args)
    state = {"weight": values, "weight_scale": scale.to(dtype)}
    if args.strategy == "tensor_group":
        state["weight_global_scale"] = (448.0 * 6.0 / values.float().abs().max()).reshape(1)
        state["weight_scale"] = (scale * state["weight_global_scale"]).clamp(max=448).to(torch.float8_e4m3fn).to(dtype)
    if format.startswith("mx"):
        state["weight_scale"] = torch.exp2(torch.ceil(torch.log2(scale))).to(dtype)
    if zero is not None:
        state["weight_zero_point"] = zero
    compressor = BaseCompressor.get_value_from_registry(format)
    state = compressor.compress(state, scheme)
    expected = compressor.decompress(state, scheme)["weight"]
    config = QuantizationConfig(config_groups={"group_0": scheme}, format=format, quantization_status="compressed")
    settings = {"torch_dtype": "bfloat16", "quantization_config": json.loads(config.model_dump_json())}
    stored = repack(state, args.num_bits) if repack else state
    tensors = {f"model.layers.0.mlp.up_proj.{key}": value for key, value in stored.items()}
    return case(name, tensors, {"model.layers.0.mlp.up_proj.weight": expected}, settings)


def older(state, bits):
    """The same codes and zero points, packed by version 0.9.4: 32 // bits codes a word."""
    names = {"torch": torch, "math": math, "np": numpy, "Union": typing.Union, "Literal": typing.Literal}
    source = OLD.read_text()
    exec(source[source.index("def pack_to_int32(") : source.index("def unpack_from_int32(")], names)
    pack = names["pack_to_int32"]
    rows, columns = state["weight_shape"].tolist()
    repacked = {**state, "weight_packed": pack(unpack_from_int32(state["weight_packed"], bits, (rows, columns)), bits)}
    if "weight_zero_point" in state:
        zeros = unpack_from_int32(state["weight_zero_point"], bits, (rows, columns // 32), packed_dim=0)
        repacked["weight_zero_point"] = pack(zeros, bits, packed_dim=0)
    return repacked


INT = dict(type="int", symmetric=True)
FLOAT = dict(type="float", symmetric=True)
GROUP = dict(strategy="group", group_size=32)
TOKEN = QuantizationArgs(num_bits=8, type="int", symmetric=True, strategy="token", dynamic=True)

cases = [
    *[compressed(f"pack-quantized, {bits} bits", "pack-quantized", dict(num_bits=bits, **INT, **GROUP)) for bits in range(1, 9)],
    compressed("pack-quantized, asymmetric, groups", "pack-quantized", dict(num_bits=3, type="int", symmetric=False, **GROUP)),
    compressed("pack-quantized, asymmetric, channels", "pack-quantized", dict(num_bits=4, type="int", symmetric=False, strategy="channel")),
    compressed("pack-quantized, channels, uneven words", "pack-quantized", dict(num_bits=3, **INT, strategy="channel"), columns=50),
    compressed("pack-quantized, tensor", "pack-quantized", dict(num_bits=4, **INT, strategy="tensor")),
    compressed("pack-quantized, F32 scales", "pack-quantized", dict(num_bits=4, **INT, **GROUP), dtype=torch.float32),
    compressed("older packing with idle bits, 3 bits", "pack-quantized", dict(num_bits=3, **INT, **GROUP), columns=320, repack=older),
    compressed("older packing with idle bits, 6 bits, zero points", "pack-quantized",
               dict(num_bits=6, type="int", symmetric=False, **GROUP), columns=320, repack=older),
    compressed("int-quantized, channels", "int-quantized", dict(num_bits=8, **INT, strategy="channel"), activations=TOKEN),
    compressed("naive-quantized, asymmetric, groups", "naive-quantized", dict(num_bits=8, type="int", symmetric=False, **GROUP)),
    compressed("naive-quantized, 4 bits in bytes", "naive-quantized", dict(num_bits=4, **INT, **GROUP)),
    compressed("float-quantized, tensor", "float-quantized", dict(num_bits=8, **FLOAT, strategy="tensor")),
    compressed("float-quantized, channels", "float-quantized", dict(num_bits=8, **FLOAT, strategy="channel")),
    compressed("float-quantized, groups", "float-quantized", dict(num_bits=8, **FLOAT, **GROUP)),
    compressed("float-quantized, blocks", "float-quantized", dict(num_bits=8, **FLOAT, strategy="block", block_structure=[4, 32])),
    compressed("nvfp4-pack-quantized", "nvfp4-pack-quantized", dict(num_bits=4, **FLOAT, strategy="tensor_group", group_size=16)),
    compressed("mxfp4-pack-quantized", "mxfp4-pack-quantized", dict(num_bits=4, **FLOAT, **GROUP)),
    compressed("mxfp8-quantized", "mxfp8-quantized", dict(num_bits=8, **FLOAT, **GROUP)),
]
write("compressed-tensors", cases, **{"compressed-tensors": f"{compressed_tensors.__version__}, older packing 0.9.4"})

"""Writes llm-compressor.json: the layer of make_column_loop.py, without its dead input, through `quantize_weight` of
llm-compressor, whose act-order has static groups. Needs torch, llmcompressor and compressed-tensors; only the two modules
of llmcompressor that hold the method are imported, so that none of its other dependencies is needed.

    python make_llm_compressor.py > llm-compressor.json
"""

import importlib.metadata
import importlib.util
import json
import sys
import types

import torch
from compressed_tensors.quantization import QuantizationArgs

from make_column_loop import COLUMNS, DAMPING, ROWS, make_layer, relative_output_error

GROUP = 32


def method():
    root = importlib.util.find_spec("llmcompressor").submodule_search_locations[0]
    for name, path in (
        ("llmcompressor", root),
        ("llmcompressor.modifiers", f"{root}/modifiers"),
        ("llmcompressor.modifiers.gptq", f"{root}/modifiers/gptq"),
    ):
        package = types.ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package
    from llmcompressor.modifiers.gptq.gptq_quantize import quantize_weight

    return quantize_weight


def run(quantize_weight, weights, hessian, bits, order):
    levels, half = 2**bits - 1, 2 ** (bits - 1)
    groups = weights.reshape(ROWS, COLUMNS // GROUP, GROUP)
    low, high = groups.amin(2).clamp(max=0), groups.amax(2).clamp(min=0)
    scale = (high - low) / levels
    zero = torch.round(-low / scale)
    args = QuantizationArgs(
        num_bits=bits,
        symmetric=False,
        strategy="group",
        group_size=GROUP,
        actorder="static" if order else None,
        type="int",
    )
    quantized, _, fell_back = quantize_weight(
        weights.clone()[None], hessian.clone()[None], scale[None], (zero - half).to(torch.int8)[None], None, args,
        percdamp=DAMPING,
    )
    assert not fell_back.any()
    codes = torch.round(quantized[0].reshape(groups.shape) / scale[..., None]) + zero[..., None]
    return quantized[0], codes.reshape(ROWS, COLUMNS)


def main():
    torch.set_num_threads(1)
    weights, hessian = make_layer(torch.Generator().manual_seed(5))
    hessian[50, 50] = 400
    quantize_weight = method()
    cases = []
    for bits in (2, 3, 4, 8):
        for order in (False, True):
            quantized, codes = run(quantize_weight, weights, hessian, bits, order)
            cases.append(
                {
                    "bits": bits,
                    "group": GROUP,
                    "actOrder": order,
                    "staticGroups": True,
                    "codes": bytes(codes.int().flatten().tolist()).hex(),
                    "error": relative_output_error(weights, quantized, hessian),
                }
            )
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("llmcompressor", "compressed-tensors", "torch")]
    golden = {
        "provenance": ", ".join(["make_llm_compressor.py", *versions]),
        "rows": ROWS,
        "columns": COLUMNS,
        "damping": DAMPING,
        "weightsTimes2To20": (weights * 2**20).int().flatten().tolist(),
        "hessian": [int(hessian[i, j]) for i in range(COLUMNS) for j in range(i + 1)],
        "cases": cases,
    }
    print(json.dumps(golden, separators=(",", ":")))


if __name__ == "__main__":
    main()

"""GPTQ of one layer as published, in PyTorch on the CPU: what bench-gptq.mjs measures ours against.

Frantar et al. 2022, algorithm 1, with the grids of its released code: asymmetric, 0 in range, whole zero
points, groups of consecutive columns fitted when the loop reaches them, inputs in descending order of the
Hessian's diagonal.

Reads [size, size] f32 matrices `weights.f32` and `hessian.f32` from a folder. Every line on standard input is
one run; answers with a line of JSON: its seconds, and processor seconds. The first one also has the relative
output error, and writes the codes to `codes.u8`, in the order of the columns of the weights.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

BLOCK = 128


def grid(weights, levels, half_scale):
    """Scale and zero point of every row for the columns given."""
    low = weights.amin(dim=1).clamp(max=0)
    high = weights.amax(dim=1).clamp(min=0)
    empty = (low == 0) & (high == 0)
    low[empty] = -1
    high[empty] = 1
    scale = (high - low) / (levels - 1)
    if half_scale:
        scale = scale.half().float()
    return scale, torch.round(-low / scale)


def inverse_factor(hessian, damping):
    """U with (H + damping)⁻¹ = Uᵀ·U."""
    damped = hessian.clone()
    damped.diagonal().add_(damping * hessian.diagonal().mean())
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    return torch.linalg.cholesky(inverse, upper=True)


def gptq(weights, hessian, bits, group, damping, act_order, half_scale):
    levels = 2**bits
    columns = weights.shape[1]
    work = weights.clone()
    order = None
    if act_order:
        order = torch.argsort(hessian.diagonal(), descending=True, stable=True)
        work = work[:, order]
        hessian = hessian[order][:, order]
    factor = inverse_factor(hessian, damping)
    codes = torch.empty_like(work, dtype=torch.uint8)
    quantized = torch.empty_like(work)
    for first in range(0, columns, BLOCK):
        end = min(first + BLOCK, columns)
        block = work[:, first:end].clone()
        errors = torch.empty_like(block)
        local = factor[first:end, first:end]
        for i in range(end - first):
            if (first + i) % group == 0:
                # The block's own copy holds all corrections so far; with groups of 128 it is the block.
                ahead = block[:, i : i + group]
                if ahead.shape[1] < group:
                    ahead = torch.cat([ahead, work[:, end : first + i + group]], dim=1)
                scale, zero = grid(ahead, levels, half_scale)
            column = block[:, i]
            code = torch.clamp(torch.round(column / scale) + zero, 0, levels - 1)
            value = scale * (code - zero)
            error = (column - value) / local[i, i]
            block[:, i:] -= error.unsqueeze(1).matmul(local[i, i:].unsqueeze(0))
            errors[:, i] = error
            codes[:, first + i] = code.to(torch.uint8)
            quantized[:, first + i] = value
        work[:, end:] -= errors.matmul(factor[first:end, end:])
    if order is not None:
        back = torch.argsort(order)
        return codes[:, back], quantized[:, back]
    return codes, quantized


def output_error(weights, quantized, hessian):
    difference = weights - quantized
    return float((difference.matmul(hessian) * difference).sum() / (weights.matmul(hessian) * weights).sum())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--group", type=int, default=128)
    parser.add_argument("--damping", type=float, default=0.01)
    parser.add_argument("--act-order", action="store_true")
    parser.add_argument("--half-scale", action="store_true", help="round scales to F16 before codes are chosen, as stored")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    shape = (args.size, args.size)
    read = lambda name: torch.from_numpy(np.fromfile(args.folder / name, dtype=np.float32).reshape(shape))
    weights, hessian = read("weights.f32"), read("hessian.f32")
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    measured = False
    for _ in sys.stdin:
        started, processor = time.perf_counter(), time.process_time()
        with torch.no_grad():
            codes, quantized = gptq(
                weights, hessian, args.bits, args.group, args.damping, args.act_order, args.half_scale
            )
        figures = {"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - processor}
        if not measured:
            codes.numpy().tofile(args.folder / "codes.u8")
            figures["outputError"] = output_error(weights, quantized, hessian)
        measured = True
        print(json.dumps(figures), flush=True)


main()

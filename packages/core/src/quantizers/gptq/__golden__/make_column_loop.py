"""Writes column-loop.json: a small layer through the column loop of GPTQ, written down again in PyTorch from the paper
(algorithm 1) and the steps of its released code. Needs torch; nothing of it is needed to run the tests.

The released code fits a group to weights that lack the corrections of its own block, so every case has blocks that are
not longer than its groups; there both agree. It also factors in f32, which at 8 bits moves some codes by one step; here
the factor is that of f64.

    python make_column_loop.py > column-loop.json
"""

import json

import torch

ROWS, COLUMNS, TOKENS, SAMPLES = 24, 96, 300, 2
DAMPING = 0.01

CASES = [
    {"bits": bits, "group": group, "actOrder": order}
    for bits in (2, 3, 4, 8)
    for group, order in ((32, False), (32, True), (96, False), (40, False))
]


def make_layer(generator):
    """Whole numbers, so that the Hessian and the file are exact."""
    weights = torch.round(2**15 * torch.randn(ROWS, COLUMNS, generator=generator))
    shared = torch.randn(TOKENS, 6, generator=generator) @ torch.randn(6, COLUMNS, generator=generator)
    x = torch.round(3 * (torch.randn(TOKENS, COLUMNS, generator=generator) + shared))
    x[:, ::17] *= 4
    x[:, 50] = 0
    return weights / 2**20, (2 / SAMPLES) * (x.T @ x)


def find_grid(weights, levels):
    low = torch.minimum(weights.min(1).values, torch.tensor(0.0))
    high = torch.maximum(weights.max(1).values, torch.tensor(0.0))
    scale = (high - low) / levels
    return scale, torch.round(-low / scale)


def gptq(weights, hessian, bits, group, order):
    weights, hessian = weights.clone(), hessian.clone()
    columns = weights.shape[1]
    levels = 2**bits - 1
    dead = hessian.diag() == 0
    mean = hessian.diag()[~dead].mean()
    hessian[dead, dead] = 1
    weights[:, dead] = 0
    permutation = torch.arange(columns)
    if order:
        # As the tests sort: the dead input has a diagonal of 0 there.
        key = torch.where(dead, torch.tensor(0.0), hessian.diag())
        permutation = torch.argsort(key, descending=True, stable=True)
    weights, hessian = weights[:, permutation], hessian[permutation][:, permutation]
    damped = hessian.double() + DAMPING * mean * torch.eye(columns)
    factor = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(damped)), upper=True).float()

    quantized, codes = torch.zeros_like(weights), torch.zeros_like(weights)
    block = group
    for begin in range(0, columns, block):
        end = min(begin + block, columns)
        current = weights[:, begin:end].clone()
        errors = torch.zeros_like(current)
        u = factor[begin:end, begin:end]
        for i in range(end - begin):
            if (begin + i) % group == 0:
                scale, zero = find_grid(weights[:, begin + i : begin + i + group], levels)
            w = current[:, i]
            code = torch.clamp(torch.round(w / scale) + zero, 0, levels)
            q = scale * (code - zero)
            errors[:, i] = (w - q) / u[i, i]
            current[:, i:] -= errors[:, i : i + 1] @ u[i : i + 1, i:]
            quantized[:, begin + i], codes[:, begin + i] = q, code
        weights[:, end:] -= errors @ factor[begin:end, end:]
    return quantized[:, torch.argsort(permutation)], codes, permutation


def relative_output_error(weights, quantized, hessian):
    d, w = (weights - quantized).double(), weights.double()
    h = hessian.double()
    return float(((d @ h) * d).sum() / ((w @ h) * w).sum())


def main():
    torch.set_num_threads(1)
    weights, hessian = make_layer(torch.Generator().manual_seed(4))
    cases = []
    for case in CASES:
        quantized, codes, permutation = gptq(weights, hessian, case["bits"], case["group"], case["actOrder"])
        cases.append(
            {
                **case,
                "permutation": permutation.tolist(),
                "codes": bytes(codes.int().flatten().tolist()).hex(),
                "error": relative_output_error(weights, quantized, hessian),
            }
        )
    triangle = [int(hessian[i, j]) for i in range(COLUMNS) for j in range(i + 1)]
    golden = {
        "provenance": f"make_column_loop.py, PyTorch {torch.__version__.split('+')[0]}",
        "rows": ROWS,
        "columns": COLUMNS,
        "damping": DAMPING,
        "weightsTimes2To20": (weights * 2**20).int().flatten().tolist(),
        "hessian": triangle,
        "cases": cases,
    }
    print(json.dumps(golden, separators=(",", ":")))


if __name__ == "__main__":
    main()

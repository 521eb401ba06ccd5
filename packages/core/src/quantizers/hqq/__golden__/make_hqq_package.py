"""Writes hqq-package.json: what the PyPI package hqq makes of one small matrix.

pip install torch numpy hqq==0.2.8.post1; then python make_hqq_package.py, on the CPU, in f32.

`codes` and `zeroPoints` are made by the package's own solver steps (optimize_weights_proximal_v2, and the first step by
optimize_weights_proximal_legacy_step, as v2 takes no fewer than two), from the start that lowbit takes, and with the iterate
of each group that lowbit keeps: the least squared error. `releasedError` is the relative squared error of the package as it
is: one stop for the whole tensor, last iterate.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from hqq.core.optimize import optimize_weights_proximal_legacy_step, optimize_weights_proximal_v2
from hqq.core.quantize import Quantizer

ROWS, COLUMNS, GROUP = 16, 128, 64
BETA, KAPPA, NORM, STEPS = 10.0, 1.01, 0.7, 20


def solver_step(w, scale, start, levels, steps):
    """Zero points after `steps` steps of the package's solver."""
    limits = [0, levels]
    if steps == 1:
        return optimize_weights_proximal_legacy_step(w, scale, start, limits, BETA, NORM, 1)[2]
    options = {
        "lp_norm": NORM,
        "beta": BETA,
        "kappa": KAPPA,
        "iters": steps,
        "tol": 0.0,
        "early_stop": False,
        "scale_gridsearch": False,
    }
    return optimize_weights_proximal_v2(
        w, scale, start, limits, axis=1, device="cpu", dtype=torch.float32, opt_params=options
    )[2]


def best_of_groups(w, bits):
    levels = 2**bits - 1
    low, high = w.min(1, keepdim=True)[0], w.max(1, keepdim=True)[0]
    scale = levels / (high - low)

    def codes(zero):
        return torch.round(w * scale + zero).clamp(0, levels)

    def error(zero):
        return ((w - (codes(zero) - zero) / scale) ** 2).sum(1, keepdim=True)

    zero = -low * scale
    start = torch.where(error(torch.round(zero)) < error(zero), torch.round(zero), zero)
    best = start
    for steps in range(1, STEPS + 1):
        candidate = solver_step(w, scale, start, levels, steps)
        best = torch.where(error(candidate) < error(best), candidate, best)
    return codes(best), best


def released_error(weights, bits):
    codes, meta = Quantizer.quantize(
        weights, nbits=bits, group_size=GROUP, axis=1, bitpack=False, device="cpu", compute_dtype=torch.float32
    )
    decoded = ((codes.float() - meta["zero"]) * meta["scale"]).reshape(weights.shape)
    return float(((decoded - weights) ** 2).sum() / (weights**2).sum())


generator = np.random.default_rng(41)
values = generator.standard_t(5, (ROWS, COLUMNS))
# Half of the rows as small as weights of language models, half so large that the solver's shrinkage has an effect.
values[: ROWS // 2] *= 0.02
weights = torch.tensor(values, dtype=torch.float32)
groups = weights.reshape(-1, GROUP)
cases = []
for bits in (4, 3, 2):
    codes, zeros = best_of_groups(groups, bits)
    cases.append(
        {
            "bits": bits,
            "releasedError": released_error(weights, bits),
            "zeroPoints": [round(z, 6) for z in zeros.flatten().tolist()],
            "codes": "".join(str(int(code)) if code < 10 else "abcdef"[int(code) - 10] for code in codes.flatten()),
        }
    )
golden = {
    "provenance": f"hqq {version('hqq')}, torch {torch.__version__}, CPU, f32; made by make_hqq_package.py; Student t weights",
    "columns": COLUMNS,
    "group": GROUP,
    "weights": [float(str(w)) for w in weights.flatten().numpy()],
    "cases": cases,
}
Path(__file__).with_name("hqq-package.json").write_text(json.dumps(golden) + "\n")

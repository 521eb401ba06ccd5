"""BiLLM's steps for a small layer by numpy in f64, for billm.test.ts.

Written from the description of the algorithm; the mask-based way, one candidate after another, shares nothing with the
library's sorted rows and prefix sums. Run from this folder: python make_blocks.py > blocks.json
"""

import json

import numpy as np

ROWS, COLUMNS, BLOCK, LIMIT, DAMPING = 12, 40, 16, 6, 0.01


def binarize(values, mask, order, centred):
    """Masked residual binarization per row; an empty row is 0."""
    total = np.zeros_like(values)
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    for _ in range(order):
        left = np.where(mask, values - total, 0)
        mean = left.sum(axis=1, keepdims=True) / count if centred else np.zeros((len(values), 1))
        around = np.where(mask, left - mean, 0)
        scale = np.abs(around).sum(axis=1, keepdims=True) / count
        total += np.where(mask, np.where(around >= 0, scale, -scale) + mean, 0)
    return total


def structure(weights, diagonal, metric, reference, centred):
    """Mask of salient columns, and the two zones of the others."""
    saliency = weights**2 / diagonal**2 if metric == "hessian" else np.abs(weights)
    searched = saliency if reference and metric == "hessian" else weights
    centred_search = centred or reference
    ranked = np.argsort(-np.abs(saliency).sum(axis=0), kind="stable")
    best, salient = np.inf, None
    for k in range(1, min(LIMIT, weights.shape[1] - 1) + 1):
        mask = np.zeros(weights.shape, bool)
        mask[:, ranked[:k]] = True
        approximation = binarize(searched, mask, 2, centred_search) + binarize(searched, ~mask, 2, centred_search)
        error = ((searched - approximation) ** 2).sum()
        if error < best:
            best, salient = error, mask
    magnitudes = np.abs(searched)
    pool = (magnitudes * ~salient).ravel() if reference else magnitudes[~salient]
    best, zones = np.inf, None
    for border in np.quantile(pool, np.linspace(0.1, 0.9, 81)):
        inner = ~salient & (magnitudes < border)
        outer = ~salient & (magnitudes >= border)
        approximation = binarize(searched, inner, 1, centred_search) + binarize(searched, outer, 1, centred_search)
        error = ((searched - approximation)[~salient] ** 2).sum()
        if error < best * (1 - 1e-12):
            best, zones = error, (inner, outer)
    return salient, *zones


def quantize(weights, hessian, metric, reference, centred):
    left = weights.copy()
    damped = hessian + DAMPING * np.mean(np.diag(hessian)) * np.eye(COLUMNS)
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    salient_columns = []
    for begin in range(0, COLUMNS, BLOCK):
        end = min(begin + BLOCK, COLUMNS)
        block = left[:, begin:end].copy()
        diagonal = np.diag(factor)[begin:end]
        salient, inner, outer = structure(block, diagonal, metric, reference, centred)
        approximation = binarize(block, salient, 2, centred)
        approximation += binarize(block, inner, 1, centred) + binarize(block, outer, 1, centred)
        errors = (block - approximation) / diagonal
        left[:, begin:end] = approximation
        left[:, end:] -= errors @ factor[begin:end, end:]
        salient_columns += [begin + int(j) for j in np.flatnonzero(salient[0])]
    return left, salient_columns


def main():
    generator = np.random.default_rng(7)
    weights = generator.standard_t(5, (ROWS, COLUMNS)) * np.exp(0.4 * generator.standard_normal(COLUMNS))
    weights = weights.round(5)
    x = generator.standard_normal((96, COLUMNS)) @ (np.eye(COLUMNS) + 0.2 * generator.standard_normal((COLUMNS, COLUMNS)))
    hessian = (2 / 96 * x.T @ x).round(4)
    cases = []
    for metric in ("hessian", "magnitude"):
        for reference in (False, True):
            for mean in (True,) if reference else (True, False):
                decoded, columns = quantize(weights, hessian, metric, reference, mean)
                cases.append(
                    {
                        "metric": metric,
                        "reference": reference,
                        "mean": mean,
                        "salientColumns": columns,
                        "decoded": [float(f"{w:.7g}") for w in decoded.ravel()],
                    }
                )
    rows, columns = np.tril_indices(COLUMNS)
    json.dump(
        {
            "provenance": f"make_blocks.py, numpy {np.__version__}",
            "rows": ROWS,
            "columns": COLUMNS,
            "block": BLOCK,
            "salientLimit": LIMIT,
            "damping": DAMPING,
            "weights": weights.ravel().tolist(),
            "hessian": hessian[rows, columns].tolist(),
            "cases": cases,
        },
        open("/dev/stdout", "w"),
    )


main()

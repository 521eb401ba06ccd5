"""PB-LLM's steps for a small layer by numpy in f64, for pb-llm.test.ts.

Written from the description of the algorithm. Run from this folder: python make_partial.py > partial.json
"""

import json

import numpy as np

ROWS, COLUMNS, DAMPING = 10, 36, 0.01


def quantize(weights, hessian, metric, fit, share):
    left = weights.copy()
    damped = hessian + DAMPING * np.mean(np.diag(hessian)) * np.eye(COLUMNS)
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    saliency = left**2 / np.diag(factor) ** 2 if metric == "hessian" else np.abs(left)
    count = round(share * left.size)
    salient = np.zeros(left.size, bool)
    salient[np.argsort(-saliency.ravel(), kind="stable")[:count]] = True
    salient = salient.reshape(left.shape)

    low = left * ~salient
    number = np.full((ROWS, 1), COLUMNS) if fit == "biased" else (~salient).sum(axis=1, keepdims=True)
    mean = low.sum(axis=1, keepdims=True) / number
    around = np.abs(low - mean) if fit == "biased" else np.abs(left - mean) * ~salient
    scale = around.sum(axis=1, keepdims=True) / number
    least = left.min(axis=1, keepdims=True)
    step = (left.max(axis=1, keepdims=True) - least) / 255

    for j in range(COLUMNS):
        w = left[:, j : j + 1]
        signs = np.where(w - mean >= 0, scale, -scale) + mean
        codes = np.clip(np.rint((w - least) / step), 0, 255)
        q = np.where(salient[:, j : j + 1], step * codes + least, signs)
        error = (w - q) / factor[j, j]
        left[:, j + 1 :] -= error @ factor[j : j + 1, j + 1 :]
        left[:, j : j + 1] = q
    return left


def main():
    generator = np.random.default_rng(11)
    weights = generator.standard_t(5, (ROWS, COLUMNS)).round(5)
    x = generator.standard_normal((90, COLUMNS)) @ (np.eye(COLUMNS) + 0.2 * generator.standard_normal((COLUMNS, COLUMNS)))
    hessian = (2 / 90 * x.T @ x).round(4)
    cases = []
    for metric in ("hessian", "magnitude"):
        for fit in ("biased", "unbiased"):
            for share in (0.1, 0.3):
                decoded = quantize(weights, hessian, metric, fit, share)
                values = [float(f"{w:.7g}") for w in decoded.ravel()]
                cases.append({"metric": metric, "fit": fit, "share": share, "decoded": values})
    rows, columns = np.tril_indices(COLUMNS)
    json.dump(
        {
            "provenance": f"make_partial.py, numpy {np.__version__}",
            "rows": ROWS,
            "columns": COLUMNS,
            "damping": DAMPING,
            "weights": weights.ravel().tolist(),
            "hessian": hessian[rows, columns].tolist(),
            "cases": cases,
        },
        open("/dev/stdout", "w"),
    )


main()

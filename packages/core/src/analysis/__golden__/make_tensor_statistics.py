"""Figures of two small tensors by numpy, for tensor-statistics.test.ts.

Run from this folder with numpy installed: python make_tensor_statistics.py > tensor-statistics.json
"""

import json

import numpy as np

SHARES = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]


def figures(stored):
    w = stored.astype(np.float64)
    distance = w - w.mean()
    std = w.std()
    return {
        "mean": w.mean(),
        "std": std,
        "rms": np.sqrt((w * w).mean()),
        "skewness": (distance**3).mean() / std**3,
        "kurtosis": (distance**4).mean() / std**4,
        "values": [float(np.quantile(w, share)) for share in SHARES],
        "magnitudes": [float(np.quantile(np.abs(w), share)) for share in SHARES],
    }


random = np.random.default_rng(20)
tensors = {
    "F16": (random.standard_t(3, 400) * 0.02).astype(np.float16),
    "F32": (random.laplace(0.01, 0.05, 400)).astype(np.float32),
}
print(
    json.dumps(
        {
            dtype: {"bytes": stored.tobytes().hex(), **figures(stored)}
            for dtype, stored in tensors.items()
        },
        indent=1,
    )
)

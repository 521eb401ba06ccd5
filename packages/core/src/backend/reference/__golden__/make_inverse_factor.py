"""The upper Cholesky factor of an inverse by numpy, for inverse-factor.test.ts.

Run from this folder with numpy installed: python make_inverse_factor.py > inverse-factor.json
"""

import json

import numpy as np

SIZE = 12
random = np.random.default_rng(54)
x = random.standard_normal((40, SIZE)) @ (np.eye(SIZE) + 0.3 * random.standard_normal((SIZE, SIZE)))
hessian = x.T @ x
hessian = (hessian + hessian.T) / 2
hessian += 0.01 * np.diag(hessian).mean() * np.eye(SIZE)
# numpy factors as lower · lowerᵀ, so the upper factor of inverse = upperᵀ · upper is its transpose.
upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
print(
    json.dumps(
        {"size": SIZE, "hessian": hessian.ravel().tolist(), "factor": upper.ravel().tolist()}, indent=1
    )
)

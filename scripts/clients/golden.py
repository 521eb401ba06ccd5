"""What the client scripts share: a golden file is JSON with a small checkpoint (safetensors, base64), its config.json and
the weights that the client makes of it, so that tests of the readers need no Python."""

import base64, json, pathlib

import torch
from safetensors.torch import save

LAYOUTS = pathlib.Path(__file__).parent.parent.parent / "packages" / "core" / "src" / "layouts"


def bytes_of(tensor):
    return base64.b64encode(tensor.contiguous().view(torch.uint8).numpy().tobytes()).decode()


def case(name, tensors, expected, config=None):
    """expected: the client's weights by name; stored in their own dtype."""
    return {
        "name": name,
        "config": config or {},
        "file": base64.b64encode(save({key: value.contiguous() for key, value in tensors.items()})).decode(),
        "expected": {
            key: {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": bytes_of(value)}
            for key, value in expected.items()
        },
    }


def write(layout, cases, **made_with):
    path = LAYOUTS / layout / "__golden__" / f"{layout}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"madeWith": {**made_with, "torch": torch.__version__}, "cases": cases}, indent=1) + "\n")
    print(f"{len(cases)} cases, {path.stat().st_size} bytes: {path}")

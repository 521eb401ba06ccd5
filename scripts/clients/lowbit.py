"""lowbit, built, for the scripts that compare it with other programs."""

import json, pathlib, subprocess, tempfile

import numpy, torch
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).parent.parent.parent
MODEL = ROOT / "examples" / "tiny-llama"
IDS = [1] + [(7 * i * i + 3 * i) % 2045 + 3 for i in range(63)]


def cli(*arguments):
    ended = subprocess.run(["node", ROOT / "packages/cli/dist/main.js", *map(str, arguments)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def weights(model):
    """All tensors as lowbit reads them, in float32."""
    with tempfile.TemporaryDirectory() as folder:
        cli("dequantize", model, f"{folder}/plain", "--dtype", "f32")
        return {name: value for path in pathlib.Path(folder, "plain").glob("*.safetensors") for name, value in load_file(path).items()}


def logits(model, ids=IDS):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "ids.json").write_text(json.dumps(ids))
        subprocess.run(["node", ROOT / "scripts/clients/logits.mjs", model, f"{folder}/ids.json", f"{folder}/out"], check=True)
        values = numpy.fromfile(f"{folder}/out", dtype="<f4")
    return torch.from_numpy(values).reshape(len(ids), -1)

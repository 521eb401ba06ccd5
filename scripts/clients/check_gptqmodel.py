"""Files of lowbit in GPTQModel, and files of GPTQModel in lowbit, on CPU. Optional: no test needs it.

    pip install torch safetensors transformers
    BUILD_CUDA_EXT=0 pip install --no-build-isolation gptqmodel
    python scripts/clients/check_gptqmodel.py > docs/clients/gptqmodel.txt     # after pnpm build
    python scripts/clients/check_gptqmodel.py awq                              # one part: gptq, gptq-v2, awq or theirs

A file of lowbit must give GPTQModel the weights that lowbit reads from it, to the bit, and the logits that lowbit computes
from it, to 1e-3, in float32. GPTQModel's kernel for AWQ computes in float16 alone; there plain layers compute the
logits, with the weights that GPTQModel's dequantizer gives in float32. A file of GPTQModel must give lowbit the weights and logits that GPTQModel has.
"""

import contextlib, importlib.metadata, os, pathlib, sys, tempfile

import torch
from lowbit import IDS, MODEL, cli, logits, weights

os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")  # its quantizer does not start with the one that 2 cores give

with contextlib.redirect_stdout(sys.stderr):
    from gptqmodel import BACKEND, GPTQModel, QuantizeConfig
    from gptqmodel.nn_modules.qlinear.torch_awq import AwqTorchLinear
    from gptqmodel.quantization import FORMAT
    from gptqmodel.quantization.awq.utils.packing_utils import dequantize_gemm

CALIBRATION = (MODEL / "calibration.txt").read_text()
TO_LAYOUT = [
    ("gptq", "rtn --bits 4 --group 64", "4 bits, asymmetric"),
    ("gptq", "rtn --bits 4 --group 128 --zero symmetric", "4 bits, symmetric"),
    ("gptq", "rtn --bits 8 --group row --zero symmetric", "8 bits, one scale a row"),
    ("gptq", "rtn --bits 3 --group 64 --zero symmetric", "3 bits, which straddle words"),
    ("gptq", f"gptq --bits 4 --group 64 --calibrate {MODEL / 'calibration.txt'} --samples 8", "4 bits in act-order"),
    ("gptq", "ternary --group 64", "ternary in 2 bits"),
    ("gptq-v2", "rtn --bits 2 --group 32", "2 bits, asymmetric"),
    ("gptq-v2", "rtn --bits 3 --group 64", "3 bits, asymmetric"),
    ("gptq-v2", "binary --group 64", "signs in 2 bits"),
    ("awq", "rtn --bits 4 --group 64", "4 bits, asymmetric"),
    ("awq", "rtn --bits 4 --group 128 --zero symmetric", "4 bits, symmetric"),
]


def load(path):
    with contextlib.redirect_stdout(sys.stderr):
        is_awq = (path / "config.json").read_text().count('"awq"') > 0
        return GPTQModel.load(str(path), device="cpu", backend=BACKEND.AWQ_TORCH if is_awq else BACKEND.GPTQ_TORCH, dtype=torch.float16).model


def kernel_weight(module, dtype=torch.float16):
    if hasattr(module, "dequantize_weight"):
        return module.dequantize_weight()
    return dequantize_gemm(module.qweight, module.qzeros, module.scales.to(dtype), module.bits, module.group_size)


def client_weights(model):
    """Weights of all quantized layers by the client's own kernel."""
    return {
        f"{name}.weight": kernel_weight(module).T.contiguous()
        for name, module in model.named_modules()
        if hasattr(module, "qweight")
    }


def different(ours, theirs):
    return sum(int((ours[name].to(value.dtype) != value).sum()) for name, value in theirs.items())


@torch.no_grad()
def client_logits(model):
    for name, module in list(model.named_modules()):
        if isinstance(module, AwqTorchLinear):
            plain = torch.nn.Linear(module.in_features, module.out_features, bias=False)
            plain.weight.data = kernel_weight(module, torch.float32).T.contiguous()
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, plain)
    return model.float()(torch.tensor([IDS])).logits[0]


def report(*columns):
    print("  ".join(f"{column:<{width}}" for column, width in zip(columns, (9, 30, 8, 16, 24))).rstrip(), flush=True)


def ours_in_client(folder, parts):
    print("Files of lowbit in GPTQModel, the bundled model:\n")
    report("layout", "weights", "layers", "values differ", "largest difference of logits")
    for number, (layout, method, name) in enumerate(TO_LAYOUT):
        if layout not in parts:
            continue
        quantized, packed = folder / f"q{number}", folder / f"p{number}"
        cli("quantize", MODEL, quantized, "--method", *method.split())
        assert "Exact" in cli("convert", quantized, packed, "--to", layout), name
        model = load(packed)
        theirs = client_weights(model)
        wrong = different(weights(packed), theirs)
        distance = float((client_logits(model) - logits(packed)).abs().max())
        report(layout, name, len(theirs), wrong, f"{distance:.1e}")
        assert wrong == 0 and len(theirs) == 42 and distance < 1e-3, name


def client_in_ours(folder):
    print("Files of GPTQModel in lowbit, the bundled model quantized by it:\n")
    report("format", "weights", "layers", "values differ", "largest difference of logits")
    settings = [
        ("gptq", FORMAT.GPTQ, dict(bits=4, group_size=64, sym=True, desc_act=False), "4 bits, symmetric"),
        ("gptq", FORMAT.GPTQ, dict(bits=4, group_size=64, sym=False, desc_act=True), "4 bits, asymmetric, act-order"),
        ("gptq_v2", FORMAT.GPTQ_V2, dict(bits=3, group_size=64, sym=False, desc_act=False), "3 bits, asymmetric"),
        ("gptq_v2", FORMAT.GPTQ_V2, dict(bits=8, group_size=128, sym=True, desc_act=False), "8 bits, symmetric"),
    ]
    words = CALIBRATION.split()
    samples = [" ".join(words[40 * i : 40 * i + 160]) for i in range(16)]
    for number, (label, format, options, name) in enumerate(settings):
        path = folder / f"g{number}"
        with contextlib.redirect_stdout(sys.stderr):
            model = GPTQModel.load(str(MODEL), QuantizeConfig(format=format, device="cpu", **options), backend=BACKEND.GPTQ_TORCH)
            model.quantize(samples, batch_size=1)
            model.save(str(path))
        model = load(path)
        theirs = client_weights(model)
        wrong = different(weights(path), theirs)
        distance = float((client_logits(model) - logits(path)).abs().max())
        report(label, name, len(theirs), wrong, f"{distance:.1e}")
        assert wrong == 0 and len(theirs) == 42 and distance < 1e-3, name


parts = sys.argv[1:] or ["gptq", "gptq-v2", "awq", "theirs"]
versions = {name: importlib.metadata.version(name) for name in ("gptqmodel", "transformers", "torch")}
print(", ".join(f"{name} {version}" for name, version in versions.items()) + ", CPU\n")
with tempfile.TemporaryDirectory() as folder:
    if parts != ["theirs"]:
        ours_in_client(pathlib.Path(folder), parts)
    if "theirs" in parts:
        if len(parts) > 1:
            print()
        client_in_ours(pathlib.Path(folder))

"""transformers loads what lowbit writes: the bundled model in every layout that transformers runs on a CPU. Optional: no
test needs it; docs/clients/transformers.md has what it printed.

    pip install torch safetensors transformers accelerate compressed-tensors bitsandbytes
    python scripts/clients/transformers_loads.py            # after pnpm build

For every layout: the weights that the client computes with against those that lowbit reads (in the client's dtype), and
the logits of both programs for the same 64 tokens. BitNet layers round activations to 8 bits: next to the border of
two codes the last bit of a sum decides, and the logits of later tokens move (docs/clients/transformers.md).
"""

import sys, tempfile, warnings

import torch, transformers
from safetensors.torch import load_file

from lowbit import IDS, MODEL, cli, logits, weights

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
torch._dynamo.config.disable = True
TARGETS = sys.argv[1:] or [
    "compressed-tensors:int4", "compressed-tensors:int4-asymmetric", "compressed-tensors:int2", "compressed-tensors:int3",
    "compressed-tensors:int5", "compressed-tensors:int6", "compressed-tensors:int7", "compressed-tensors:int8",
    "compressed-tensors:w8a8", "compressed-tensors:fp8", "compressed-tensors:fp8-block", "compressed-tensors:nvfp4",
    "compressed-tensors:mxfp4", "compressed-tensors:mxfp8", "bitsandbytes:nf4", "bitsandbytes:nf4-nested",
    "bitsandbytes:fp4", "bitnet:bitlinear", "bitnet:autobitlinear", "fp8:block128", "fp8:block64", "fp8:block32",
]


def client_weight(module):
    """What a linear layer multiplies with, once it has run."""
    name = type(module).__name__
    if name == "BitLinear":
        return transformers.integrations.bitnet.unpack_weights(module.weight, torch.float32) / module.weight_scale.float()
    if name == "AutoBitLinear":
        return module.weight.float() * module.weight_scale.float()
    if name == "Linear4bit":
        import bitsandbytes

        return bitsandbytes.functional.dequantize_4bit(module.weight.data, module.weight.quant_state)
    return module.weight


# Loaded with dequantize=True: left compressed, transformers allocates zero points as if they were not packed (and refuses
# files of compressed-tensors too), and makes bfloat16 weights that float32 activations cannot be multiplied with. The client
# then rounds its products to the dtype of the scales, as lowbit does for this comparison.
ROUNDED = {"asymmetric": "f16", "nvfp4": "bf16", "mxfp4": "bf16", "mxfp8": "bf16"}
# The dtype that bitsandbytes is told to compute in.
ROUNDED |= {"bitsandbytes": "bf16"}


@torch.no_grad()
def check(target, folder):
    path = f"{folder}/{target.replace(':', '-')}"
    cli("convert", MODEL, path, "--to", target, "--allow-requantize", "--no-errors")
    options, compared = {}, path
    rounding = next((dtype for name, dtype in ROUNDED.items() if name in target), None)
    if rounding:
        if target.startswith("compressed-tensors"):
            options = {"quantization_config": transformers.CompressedTensorsConfig(dequantize=True)}
        compared = f"{path}-{rounding}"
        cli("dequantize", path, compared, "--dtype", rounding)
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, **options).eval()
    for parameter in model.parameters():  # norms keep the dtype of the file
        if parameter.dtype == torch.bfloat16:
            parameter.data = parameter.data.float()
    for module in model.modules():
        scheme = getattr(module, "quantization_scheme", None)
        if scheme is not None:
            scheme.input_activations = None  # lowbit does not round activations to run faster
    # The kernel of bitsandbytes for a CPU multiplies in bfloat16; plain layers of its own weights do not.
    for name, module in list(model.named_modules()):
        if type(module).__name__ == "Linear4bit":
            plain = torch.nn.Linear(module.in_features, module.out_features, bias=False)
            plain.weight = torch.nn.Parameter(client_weight(module).float())
            model.set_submodule(name, plain)
    found = model(torch.tensor([IDS])).logits[0].float()
    ours = weights(path) if compared == path else load_file(f"{compared}/model.safetensors")
    modules = {f"{name}.weight": module for name, module in model.named_modules() if f"{name}.weight" in ours and ".layers." in f".{name}" and hasattr(module, "in_features")}
    exact = largest = 0
    for name, module in modules.items():
        theirs = client_weight(module)
        expected = ours[name].to(theirs.dtype)
        exact += torch.equal(theirs, expected)
        largest = max(largest, ((theirs - expected).abs().max() / expected.abs().max()).item())
    distances = (found - logits(compared)).abs().amax(1)
    close = f"{(distances < 1e-3).sum()} of {len(IDS)} tokens within 1e-3"
    print(f"{target:34} {exact} of {len(modules)} weights equal, relative distance {largest:.1e}; logits: {close}, largest distance {distances.max():.1e} of {found.abs().max():.1f}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    for target in TARGETS:
        try:
            check(target, folder)
        except Exception as error:
            print(f"{target:35} {type(error).__name__}: {str(error)[:300]}", flush=True)

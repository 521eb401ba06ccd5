"""lowbit reads what Python clients write: the bundled model, quantized and saved by bitsandbytes (through transformers) and
by compressed-tensors on CPU. Optional: no test needs it; docs/clients/transformers.md has what it printed.

    pip install torch safetensors transformers accelerate compressed-tensors bitsandbytes
    python scripts/clients/client_writes.py            # after pnpm build
"""

import tempfile, warnings

import bitsandbytes, compressed_tensors, torch, transformers
from compressed_tensors.compressors import ModelCompressor
from compressed_tensors.quantization import QuantizationConfig, QuantizationScheme, QuantizationArgs, apply_quantization_config
from compressed_tensors.quantization.utils import calculate_qparams
from lowbit import IDS, MODEL, logits, weights

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()


def compare(name, path, theirs, found):
    ours = weights(path)
    exact = sum(torch.equal(value, ours[key].to(value.dtype)) for key, value in theirs.items())
    distance = (found - logits(path)).abs().max().item()
    print(f"{name:42} {exact} of {len(theirs)} weights equal; logits: largest distance {distance:.1e} of {found.abs().max():.1f}", flush=True)


@torch.no_grad()
def bnb(name, path, **options):
    config = transformers.BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float32, **options)
    model = transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, quantization_config=config).eval()
    model.save_pretrained(path)
    theirs = {}
    # The kernel of bitsandbytes for a CPU multiplies in bfloat16; plain layers of its own weights do not.
    for key, module in list(model.named_modules()):
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            theirs[f"{key}.weight"] = bitsandbytes.functional.dequantize_4bit(module.weight.data, module.weight.quant_state)
            plain = torch.nn.Linear(module.in_features, module.out_features, bias=False)
            plain.weight = torch.nn.Parameter(theirs[f"{key}.weight"].float())
            model.set_submodule(key, plain)
    compare(name, path, theirs, model(torch.tensor([IDS])).logits[0].float())


@torch.no_grad()
def tensors(name, path, format, **weight):
    model = transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
    args = QuantizationArgs(**weight)
    scheme = QuantizationScheme(targets=["Linear"], weights=args, format=format)
    apply_quantization_config(model, QuantizationConfig(config_groups={"group_0": scheme}, format=format, ignore=["lm_head"]))
    for module in model.modules():
        if getattr(module, "quantization_scheme", None) is None:
            continue
        values = module.weight
        if args.strategy == "group":
            values = values.unflatten(-1, (-1, args.group_size))
        scale, zero = calculate_qparams(values.amin(-1, keepdim=args.strategy != "group"), values.amax(-1, keepdim=args.strategy != "group"), args)
        module.weight_scale.data = scale.to(module.weight_scale.dtype)
        if hasattr(module, "weight_zero_point"):
            module.weight_zero_point.data = zero.to(module.weight_zero_point.dtype)
    compressor = ModelCompressor.from_pretrained_model(model, quantization_format=format)
    compressor.compress_model(model)
    model.save_pretrained(path)
    compressor.update_config(path)
    compressor.decompress_model(model)
    theirs = {f"{key}.weight": module.weight for key, module in model.named_modules() if hasattr(module, "weight_scale")}
    compare(name, path, theirs, model(torch.tensor([IDS])).logits[0].float())


GROUP = dict(strategy="group", group_size=64, symmetric=True)
with tempfile.TemporaryDirectory() as folder:
    print(f"transformers {transformers.__version__}, compressed-tensors {compressed_tensors.__version__}, bitsandbytes {bitsandbytes.__version__}, torch {torch.__version__}")
    for i, (name, run) in enumerate({
        "bitsandbytes nf4": lambda path: bnb(name, path, bnb_4bit_quant_type="nf4"),
        "bitsandbytes nf4, nested": lambda path: bnb(name, path, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True),
        "bitsandbytes fp4": lambda path: bnb(name, path, bnb_4bit_quant_type="fp4"),
        "compressed-tensors 3 bits": lambda path: tensors(name, path, "pack-quantized", num_bits=3, type="int", **GROUP),
        "compressed-tensors 4 bits": lambda path: tensors(name, path, "pack-quantized", num_bits=4, type="int", **GROUP),
        "compressed-tensors 4 bits, asymmetric": lambda path: tensors(name, path, "pack-quantized", num_bits=4, type="int", **{**GROUP, "symmetric": False}),
        "compressed-tensors FP8": lambda path: tensors(name, path, "float-quantized", num_bits=8, type="float", strategy="channel", symmetric=True),
    }.items()):
        try:
            run(f"{folder}/{i}")
        except Exception as error:
            print(f"{name:42} {type(error).__name__}: {str(error)[:300]}", flush=True)

"""Digests of small-float conversions by other people's code: python make_small_floats.py > small-floats.json

Decode: sha256 of the f32 values (little-endian, every NaN as 0x7fc00000) of all bit patterns in order.
Encode: sha256 of one u16 (little-endian) per input. Inputs, in this order: every finite value v of the format, ascending
with -0 before +0 where both exist; for neighbours a < b the midpoint (a + b) / 2 with the f32 below and above it; 65536
f32 of the bit patterns (k << 16) + (k * 40503 mod 65536), NaN left out. F8_E8M0: only inputs from 2^-126 on, since
lowbit differs from ml_dtypes below (stated in small-float.ts); infinity included.
"""
import hashlib, json, platform
import ml_dtypes as m
import numpy as np

FORMATS = {
    "F16": (16, np.float16), "BF16": (16, m.bfloat16), "F8_E5M2": (8, m.float8_e5m2), "F8_E4M3": (8, m.float8_e4m3fn),
    "F8_E8M0": (8, m.float8_e8m0fnu), "F8_E4M3FNUZ": (8, m.float8_e4m3fnuz), "F8_E5M2FNUZ": (8, m.float8_e5m2fnuz),
    "F6_E2M3": (6, m.float6_e2m3fn), "F6_E3M2": (6, m.float6_e3m2fn), "F4": (4, m.float4_e2m1fn),
}

def canonical(values):
    bits = values.astype("<f4").view("<u4").copy()
    bits[np.isnan(values)] = 0x7FC00000
    return bits

def digest(array):
    return hashlib.sha256(array.tobytes()).hexdigest()

result = {"made_with": {"numpy": np.__version__, "ml_dtypes": m.__version__, "python": platform.python_version()}}
for name, (bits, dtype) in FORMATS.items():
    store = np.uint16 if bits == 16 else np.uint8
    with np.errstate(all="ignore"):
        table = np.arange(2**bits, dtype=store).view(dtype).astype(np.float32)
    finite = table[np.isfinite(table)]
    keys = np.lexsort((~np.signbit(finite), finite))
    values = finite[keys]
    with np.errstate(all="ignore"):
        mid = ((values[:-1].astype(np.float64) + values[1:].astype(np.float64)) / 2).astype(np.float32)
        around = np.stack([mid, np.nextafter(mid, np.float32(-np.inf)), np.nextafter(mid, np.float32(np.inf))], 1).ravel()
        k = np.arange(65536, dtype=np.uint64)
        sample = ((k << 16) + (k * 40503 % 65536)).astype(np.uint32).view(np.float32)
        inputs = np.concatenate([values, around, sample[~np.isnan(sample)]]).astype(np.float32)
        if name == "F8_E8M0":
            inputs = inputs[inputs >= np.float32(2.0**-126)]
        encoded = inputs.astype(dtype).view(store).astype("<u2")
    result[name] = {"decode": digest(canonical(table)), "inputs": len(inputs), "encode": digest(encoded)}
print(json.dumps(result, indent=2))

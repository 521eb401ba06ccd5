"""Digests of blocks by ggml: python make_ggml_blocks.py LIBGGML_BASE > ggml-blocks.json

LIBGGML_BASE is libggml-base.so of a llama.cpp build for plain x86-64 (cmake -DBUILD_SHARED_LIBS=ON). Nothing of ggml is in the
result: the inputs are made here, and the digests are of numbers that its functions returned.

encode: sha256 of what ggml_quantize_chunk writes, without importance matrix, for each of the inputs of `inputs()`.
decode: sha256 of the f32 (little-endian, -0 as 0, every NaN as 0x7fc00000) that dequantize_row_<type> gives for BLOCKS
blocks of the random bytes of `random_bytes()`.
block-inputs.fixture.ts makes the same inputs.
"""

import ctypes
import hashlib
import json
import sys

import numpy as np

library = ctypes.CDLL(sys.argv[1])
BLOCKS = 512

# name: (number, weights, bytes of a block, inputs of `encode`)
ALL = ["normal", "ties", "patterns", "subnormal", "special", "below-powers"]
# Sums of squares of what "special" has overflow in IQ4_NL: NaN, whose bits no rule fixes.
USUAL = ["normal", "ties", "special"]
TYPES = {
    "q4_0": (2, 32, 18, ALL), "q4_1": (3, 32, 20, ALL), "q5_0": (6, 32, 22, ALL), "q5_1": (7, 32, 24, ALL), "q8_0": (8, 32, 34, ALL),
    "tq1_0": (34, 256, 54, ALL), "tq2_0": (35, 256, 66, ALL), "q1_0": (41, 128, 18, ALL), "q2_0": (42, 64, 18, ALL),
    "mxfp4": (39, 32, 17, ALL), "nvfp4": (40, 64, 36, ALL),
    "q2_K": (10, 256, 84, USUAL), "q3_K": (11, 256, 110, USUAL), "q4_K": (12, 256, 144, USUAL), "q5_K": (13, 256, 176, USUAL),
    "q6_K": (14, 256, 210, USUAL), "iq4_nl": (20, 32, 18, ["normal", "ties"]), "iq4_xs": (23, 256, 136, USUAL),
    "iq1_s": (19, 256, 50, []), "iq1_m": (29, 256, 56, []), "iq2_xxs": (16, 256, 66, []), "iq2_xs": (17, 256, 74, []),
    "iq2_s": (22, 256, 82, []), "iq3_xxs": (18, 256, 98, []), "iq3_s": (21, 256, 110, []),
}


def random(seed, count):
    """Park-Miller: state * 48271 mod 2^31 - 1."""
    states = np.empty(count, np.int64)
    for i in range(count):
        seed = seed * 48271 % 2147483647
        states[i] = seed
    return states


def inputs():
    """Every one a multiple of 256 weights."""
    states = random(1, 4 * 8192).reshape(4, 8192)
    runs = np.arange(8192) // 32
    # Near a normal distribution; the magnitude changes from run to run of 32.
    normal = ((states % 65536).sum(0) - 131072) / 2.0**17 * 2.0 ** (runs % 9 - 6)
    # Few different values, so that quotients fall between two codes.
    ties = (states[0] % 33 - 16) / 2.0 * 2.0 ** (runs % 5 - 3)
    bits = states[0] % 65536 * 65536 + states[1] % 65536
    patterns = np.where(bits % 2**31 < 0x7F800000, bits, bits - 2**30).astype(np.uint32).view(np.float32)
    subnormal = (states[2] % 2 * 2**31 + states[0] % 65536 * (1 << runs % 12)).astype(np.uint32).view(np.float32)
    special = np.zeros(8192, np.float32)
    values = [-0.0, 1.0, -1.0, 65504.0, -65520.0, 1e6, 3.4028234663852886e38, -3.4028234663852886e38, 1e-45, 2.0**-126,
              0.5, -2.0**-14, 2.0**-24, 2.0**-25, 448.0, 2688.0, 3000.0, 1e9]
    for run in range(256):
        value = values[run % len(values)]
        if run < 64:
            special[32 * run : 32 * run + 32] = value
        elif run < 192:
            special[32 * run + states[0, run] % 32] = value
            special[32 * run + states[1, run] % 32] = value / 2
    # The largest magnitude of each run lies at and just below a power of two.
    below = np.zeros((256, 32), np.float32)
    for run in range(256):
        base = run % 254 + 1
        below[run] = np.array([(base << 23) - j % 64 if j else base << 23 for j in range(32)], np.uint32).view(np.float32) / np.float32(4.0)
        below[run, 0] = np.array([(base << 23) - states[0, run] % 60], np.uint32).view(np.float32)[0]
    return {
        "normal": normal.astype(np.float32),
        "ties": ties.astype(np.float32),
        "patterns": patterns,
        "subnormal": subnormal,
        "special": special,
        "below-powers": below.reshape(-1),
    }


def random_bytes(count):
    return (random(7, count) % 256).astype(np.uint8)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


library.ggml_quantize_chunk.restype = ctypes.c_size_t
all_inputs = inputs()
everything = random_bytes(BLOCKS * 256)
result = {"inputs": {name: digest(values) for name, values in all_inputs.items()}}
for name, (number, weights, size, cases) in TYPES.items():
    digests = {}
    for case in cases:
        values = all_inputs[case]
        blocks = np.zeros(len(values) // weights * size, np.uint8)
        library.ggml_quantize_chunk(
            number, pointer(values), pointer(blocks), ctypes.c_int64(0), ctypes.c_int64(1), ctypes.c_int64(len(values)), None
        )
        digests[case] = digest(blocks)
    decode = getattr(library, f"dequantize_row_{name}")
    source = np.ascontiguousarray(everything[: BLOCKS * size])
    target = np.empty(BLOCKS * weights, np.float32)
    decode(pointer(source), pointer(target), ctypes.c_int64(len(target)))
    target[target == 0] = 0
    bits = target.view(np.uint32)
    bits[np.isnan(target)] = 0x7FC00000
    result[name] = {"encode": digests, "decode": digest(bits)}
json.dump(result, sys.stdout, indent=1)
print()

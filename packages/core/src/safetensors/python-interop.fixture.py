"""Other half of python-interop.test.ts: reads one request (JSON) from stdin, answers with JSON.

{"write": [[path, [[name, python dtype, storage shape, hex]], metadata or null]]}   serialize, in this order
{"read": [path]}                                       -> [[[name, dtype, shape, hex]] or the error text]
"""
import ctypes
import json
import sys

import safetensors
from safetensors import deserialize, serialize


def spec(dtype, shape, data, keep):
    buffer = ctypes.create_string_buffer(data, max(1, len(data)))
    keep.append(buffer)
    try:
        from safetensors import TensorSpec
    except ImportError:
        from safetensors._safetensors_rust import TensorSpec
    return TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=len(data))


def read(path):
    with open(path, "rb") as file:
        try:
            tensors = deserialize(file.read())
        except safetensors.SafetensorError as error:
            return str(error)
    return [[name, info["dtype"], info["shape"], bytes(info["data"]).hex()] for name, info in sorted(tensors)]


request = json.load(sys.stdin)
for path, tensors, metadata in request.get("write", []):
    keep = []
    specs = {name: spec(dtype, shape, bytes.fromhex(data), keep) for name, dtype, shape, data in tensors}
    with open(path, "wb") as file:
        file.write(serialize(specs, metadata))
print(json.dumps({"version": safetensors.__version__, "read": [read(path) for path in request.get("read", [])]}))

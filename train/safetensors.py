"""The safetensors container: 8 bytes header length, a JSON header, the data.

Read and written here in a few lines, so that no package is needed for it.
"""

import json
import struct
from pathlib import Path

import numpy as np

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read(path):
    """(tensors by name as numpy arrays, metadata)."""
    raw = Path(path).read_bytes()
    if len(raw) < 8 or struct.unpack_from("<Q", raw)[0] > len(raw) - 8:
        raise ValueError(f"{path}: {len(raw)} bytes are no safetensors file")
    start = 8 + struct.unpack_from("<Q", raw)[0]
    try:
        header = json.loads(raw[8:start])
        metadata = header.pop("__metadata__", {})
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path}: its header is not a JSON object: {error}") from error
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{path}: tensor {name}: got type {entry['dtype']}, want one of {', '.join(TYPES)}")
        kind = np.dtype(TYPES[entry["dtype"]])
        low, high = entry["data_offsets"]
        count = int(np.prod(entry["shape"], dtype=np.int64))
        if not 0 <= low <= high <= len(raw) - start or high - low != count * kind.itemsize:
            raise ValueError(f"{path}: tensor {name}: bytes {low}..{high} do not hold {entry['shape']}")
        tensors[name] = np.frombuffer(raw, kind, count, start + low).reshape(entry["shape"])
    return tensors, metadata


def write(path, tensors, metadata=None):
    """Writes arrays in the order given. metadata maps strings to strings."""
    header = {"__metadata__": metadata} if metadata else {}
    names = {np.dtype(v): k for k, v in TYPES.items()}
    data, at = [], 0
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        blob = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [at, at + len(blob)],
        }
        data.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))

"""A second reader of .rfl files, written from weights/FORMAT.md alone.

    python3 train/rfl.py model.rfl          check it, and print one line a tensor

`read(bytes)` returns the JSON section as a dict and the tensors as a dict of
numpy float32 arrays. It needs numpy and nothing of PyTorch.
"""

import json
import struct
import sys

import numpy as np

MAGIC = b"\x89RFL\r\n\x1a\n"
HEADER = struct.Struct("<8sHHIQQII20sI")
SIZES = {"f32": 4, "f16": 2, "u8": 1, "i8": 1}
DTYPES = {"f32": "<f4", "f16": "<f2", "u8": "u1", "i8": "i1"}


class FormatError(ValueError):
    pass


def want(condition, message):
    if not condition:
        raise FormatError(message)


def _table():
    out = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        out.append(n)
    return out


TABLE = _table()


def crc32c(data):
    """CRC-32C, byte by byte; of b"123456789" it is 0xE3069283."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def up(n):
    return -(-n // 64) * 64


def _unique(pairs):
    keys = [k for k, _ in pairs]
    want(len(set(keys)) == len(keys), f"JSON: a key twice among {keys}")
    return dict(pairs)


def read(data):
    want(data[:8] == MAGIC, "not an .rfl file")
    want(len(data) >= HEADER.size, f"header: got {len(data)} bytes, want {HEADER.size}")
    _, major, minor, header, nj, nd, js_sum, data_sum, reserved, own = HEADER.unpack_from(data)
    want(crc32c(data[:60]) == own, "header: checksum")
    want(major == 1 and minor <= 1, f"version: got {major}.{minor}, want 1.0 or 1.1")
    want(header == 64 and not any(reserved), "header: length or reserved bytes")
    start = up(64 + nj)
    want(start + nd == len(data), f"file: got {len(data)} bytes, want {start + nd}")
    js, pad, body = data[64:64 + nj], data[64 + nj:start], data[start:]
    want(crc32c(js) == js_sum, "JSON: checksum")
    want(crc32c(body) == data_sum, "data: checksum")
    want(not any(pad), "padding: not zeros")
    doc = json.loads(js.decode("utf-8"), object_pairs_hook=_unique)
    tensors, end, last = {}, 0, ""
    for t in doc["tensors"]:
        name = t["name"]
        want(name.encode() > last.encode(), f"tensor {name!r}: out of order")
        n = int(np.prod(t["shape"], dtype=object)) if t["shape"] else 1
        want(t["bytes"] == n * SIZES[t["dtype"]], f"tensor {name!r}: bytes")
        want(t["offset"] == up(end), f"tensor {name!r}: got offset {t['offset']}, want {up(end)}")
        want(not any(body[end:t["offset"]]), f"tensor {name!r}: padding before it")
        end, last = t["offset"] + t["bytes"], name
        want(end <= nd, f"tensor {name!r}: outside the data")
        raw = np.frombuffer(body, DTYPES[t["dtype"]], n, t["offset"])
        want(np.isfinite(raw).all(), f"tensor {name!r}: not finite")
        tensors[name] = raw.astype(np.float32).reshape(t["shape"])
    want(end == nd, "data: bytes behind the last tensor")
    want(minor == _minor(doc), f"version: got 1.{minor}, want 1.{_minor(doc)} for what is in the file")
    return doc, tensors


def _minor(doc):
    """The oldest minor version that has what the file holds."""
    integers = any(t["dtype"] in ("u8", "i8") for t in doc["tensors"])
    return int(integers or any("quant" in n for n in doc["graph"]["nodes"]))


def write(doc, body):
    """A file of a JSON section and the data section as they are: for a doc that `read` gave, its values changed."""
    js = json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()
    header = HEADER.pack(MAGIC, 1, _minor(doc), 64, len(js), len(body), crc32c(js), crc32c(body), bytes(20), 0)[:60]
    header += struct.pack("<I", crc32c(header))
    return header + js + bytes(up(64 + len(js)) - 64 - len(js)) + body


def body(data):
    """The data section of a file's bytes, to be changed and written again."""
    nj = HEADER.unpack_from(data)[4]
    return bytearray(data[up(64 + nj):])


def main():
    with open(sys.argv[1], "rb") as f:
        doc, tensors = read(f.read())
    for t in doc["tensors"]:
        a = tensors[t["name"]]
        shape = "x".join(map(str, a.shape))
        print(t["name"], t["dtype"], shape, f"{a.astype(np.float64).sum():.6e}", sep="\t")


if __name__ == "__main__":
    main()

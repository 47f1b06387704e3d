"""Makes a model file worse to quantize, and nothing else: channels whose ranges differ by powers of two.

    python3 -m train.qat.spread MODEL.rfl OUT.rfl --powers 3 --seed 1

What a convolution with a ReLU gives to a depthwise convolution alone is multiplied by 2^k in each channel, k from
-POWERS to POWERS at random, and divided again by the depthwise convolution's weights. In float32 the network is the
same function. In 8 bits one scale has to do for channels of very different ranges, as in networks that were trained
so (Nagel et al., arXiv 1906.04721).
"""

import argparse
from pathlib import Path

import numpy as np

from .. import rfl


def spread(content, powers, seed):
    """(a model file's bytes with channels so scaled, how many pairs of layers)."""
    document, tensors = rfl.read(content)
    body, places = rfl.body(content), {t["name"]: t for t in document["tensors"]}
    nodes, random, pairs = document["graph"]["nodes"], np.random.RandomState(seed), 0
    readers = {}
    for n in nodes:
        for v in n["in"]:
            readers.setdefault(v, []).append(n)

    def scale(name, factors):
        at = places[name]
        values = tensors[name] * factors.reshape(-1, *[1] * (tensors[name].ndim - 1))
        body[at["offset"] : at["offset"] + at["bytes"]] = values.astype(rfl.DTYPES[at["dtype"]]).tobytes()

    def alone(n):
        after = readers.get(n["out"][0], [])
        return after[0] if len(after) == 1 else None

    for first in nodes:
        limit = alone(first) if first["op"] == "conv" else None
        second = alone(limit) if limit is not None and limit["op"] == "relu" else None
        if second is None or second["op"] != "conv":
            continue
        channels = len(tensors[first["tensors"]["weight"]])
        if second["attrs"].get("groups", [1]) != [channels] or len(tensors[second["tensors"]["weight"]]) != channels:
            continue
        factors = 2.0 ** random.randint(-powers, powers + 1, channels)
        for role in ("weight", "bias"):
            if role in first["tensors"]:
                scale(first["tensors"][role], factors)
        scale(second["tensors"]["weight"], 1 / factors)
        pairs += 1
    return rfl.write(document, bytes(body)), pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--powers", type=int, default=3, help="the largest power of two (default: 3)")
    parser.add_argument("--seed", type=int, default=1, help="of the powers (default: 1)")
    options = parser.parse_args()
    content, pairs = spread(Path(options.model).read_bytes(), options.powers, options.seed)
    Path(options.out).write_bytes(content)
    print(f"{options.out}: {pairs} pairs of layers")


if __name__ == "__main__":
    main()

"""python3 -m train.golden_models [NAME...]: what PyTorch makes of this project's pictures with each model that ships.

For every weights/zoo/NAME.rfl, or those named, writes testdata/models/NAME.safetensors: pixels
[N, 3, H, W] (Pillow's resize of testdata/pictures, in order of name), logits,
routes.K and margin as routes.tensors has them.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import networks, routes, safetensors

ROOT = Path(__file__).parent.parent


def pixels(size):
    """The pictures as uint8 [N, 3, size, size]."""
    found = []
    for path in sorted((ROOT / "testdata" / "pictures").glob("*.png")):
        picture = Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR)
        found.append(np.asarray(picture).transpose(2, 0, 1))
    return np.ascontiguousarray(np.stack(found))


def main(names):
    torch.set_num_threads(1)
    folder = ROOT / "testdata" / "models"
    folder.mkdir(exist_ok=True)
    zoo = ROOT / "weights" / "zoo"
    for path in [zoo / f"{name}.rfl" for name in names] or sorted(zoo.glob("*.rfl")):
        network = networks.from_rfl(path)
        size = network.model.graph["inputs"][0]["shape"][-1]
        some = pixels(size)
        mean, std = network.preprocess["mean"], network.preprocess["std"]
        outputs, recorder = routes.record(network.model, torch.from_numpy(some), mean, std, margins=True)
        out = folder / f"{path.stem}.safetensors"
        safetensors.write(out, {"pixels": some, **routes.tensors(outputs, recorder)})
        print(f"{out.relative_to(ROOT)}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Writes resizes.json: what Pillow's resize, crop and pad make of pictures/*.png, with
the bilinear and the bicubic filter. Run in this folder, as make_kinds.py says.

Each entry: file, filter, resize, crop [height, width], letterbox or null, order, and
the SHA-256 of the RGB (or grey) bytes of the result.
"""
import hashlib, json
from PIL import Image, ImageOps

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
FILES = ["rgb.png", "tall.png", "wide.png", "tiny.png", "dot.png", "noise.png", "large.png", "gray.png"]


def shorter_side(im, s):
    """torchvision's Resize(s)."""
    w, h = im.size
    return (s, int(s * h / w)) if w <= h else (int(s * w / h), s)


def centre_crop(im, ch, cw):
    """torchvision's CenterCrop."""
    w, h = im.size
    if w < cw or h < ch:
        left, top = max(0, (cw - w) // 2), max(0, (ch - h) // 2)
        out = Image.new(im.mode, (max(w, cw), max(h, ch)))
        out.paste(im, (left, top))
        im, (w, h) = out, out.size
    top, left = int(round((h - ch) / 2.0)), int(round((w - cw) / 2.0))
    return im.crop((left, top, left + cw, top + ch))


out = []
for f in FILES:
    rgb = Image.open("pictures/" + f).convert("RGB")
    for order, im in (("rgb", rgb), ("gray", rgb.convert("L"))):
        for name, method in FILTERS.items():
            for resize, ch, cw in ((20, 16, 16), (80, 72, 64), (0, 24, 40), (13, 21, 18), (64, 64, 64), (7, 5, 3)):
                size = (cw, ch) if resize == 0 else shorter_side(im, resize)
                r = centre_crop(im.resize(size, method), ch, cw)
                out.append([f, name, resize, [ch, cw], None, order, hashlib.sha256(r.tobytes()).hexdigest()])
            for ch, cw in ((32, 32), (17, 40), (61, 20), (200, 9)):
                fill = (114, 10, 255) if order == "rgb" else (114,)
                r = ImageOps.pad(im, (cw, ch), method, fill if order == "rgb" else fill[0])
                out.append([f, name, 0, [ch, cw], list(fill), order, hashlib.sha256(r.tobytes()).hexdigest()])
with open("resizes.json", "w") as j:
    json.dump(out, j, separators=(",", ":"), indent=0)
print(len(out))

#!/usr/bin/env python3
"""Writes photos.json: for each photograph of imagenet-samples (RIFFLE_DATA, which is not
part of this repository) the SHA-256 of the RGB bytes that Pillow decodes it to, at full
size and at 1/2 by Image.draft. Run in this folder, as make_kinds.py says:

    /tmp/venv/bin/python make_photos.py DIR/imagenet-samples/images
"""
import hashlib, json, os, sys
from PIL import Image

index = {}
for f in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], f)
    whole = Image.open(path).convert("RGB")
    half = Image.open(path)
    half.draft(None, (whole.width // 2, whole.height // 2))
    half = half.convert("RGB")
    index[f] = [[*im.size, hashlib.sha256(im.tobytes()).hexdigest()] for im in (whole, half)]
with open("photos.json", "w") as j:
    json.dump(index, j, separators=(",", ":"), indent=0)

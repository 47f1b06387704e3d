#!/usr/bin/env python3
"""Writes lossy.webp.z: a WebP of 6,100 x 6,100 equal pixels, deflated. Run in this folder."""
import io, zlib
from PIL import Image

b = io.BytesIO()
Image.new("RGB", (6100, 6100), (200, 10, 50)).save(b, "WEBP", quality=0, method=0)
with open("lossy.webp.z", "wb") as f:
    f.write(zlib.compress(b.getvalue(), 9))

#!/usr/bin/env python3
"""Draws the test pictures of engine/preprocess and records what Pillow and
torchvision make of them. Run in this folder:

    /usr/bin/python3 make.py

Made with Pillow 9.4 (libjpeg-turbo 2.1.5, libwebp 1.2.4) and torchvision 0.14.
Everything is drawn from formulas and a seeded generator, so running it again
gives the same files.

  pictures/NAME.EXT     the inputs
  rgb/NAME.png          Image.open().convert("RGB"), EXIF orientation applied
  gray/NAME.png         the same for convert("L")
  crop/NAME.SPEC.png    Resize, CenterCrop of that, as SPECS says
  norm.K.f32            ToTensor and Normalize of a 16x16 picture that holds all
                        256 levels in each channel, little-endian float32 CHW
"""
import io, json, os
import numpy as np
from PIL import Image, ImageOps
import torchvision.transforms as T
import torchvision.transforms.functional as F

rng = np.random.default_rng(20231)
for d in ("pictures", "rgb", "gray", "crop"):
    os.makedirs(d, exist_ok=True)


def scene(w, h, noise=0.25):
    """Smooth colour, hard edges and some noise: what a resize can get wrong."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    r = 255 * x / max(w - 1, 1)
    g = 255 * y / max(h - 1, 1)
    b = 127.5 + 127.5 * np.sin(x / 3.1) * np.cos(y / 4.7)
    a = np.stack([r, g, b], -1)
    a[(x // 7 + y // 5) % 4 == 0] = [250, 20, 30]
    a[(x - w / 2) ** 2 + (y - h / 2) ** 2 < (min(w, h) / 4) ** 2] = [10, 200, 240]
    a = a * (1 - noise) + rng.uniform(0, 255, a.shape) * noise
    return np.clip(a + 0.5, 0, 255).astype(np.uint8)


def smooth(w, h):
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    a = np.stack([255 * x / (w - 1), 255 * y / (h - 1), 255 - 255 * x / (w - 1)], -1)
    return (a + 0.5).astype(np.uint8)


def save(name, im, **kw):
    im.save(os.path.join("pictures", name), **kw)


# PNG: every colour type.
save("rgb.png", Image.fromarray(scene(61, 43)))
save("tall.png", Image.fromarray(scene(23, 97)))
save("wide.png", Image.fromarray(scene(131, 17)))
save("tiny.png", Image.fromarray(scene(3, 2)))
save("dot.png", Image.fromarray(scene(1, 1)))
save("noise.png", Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)))
save("large.png", Image.fromarray(smooth(301, 203)))
save("gray.png", Image.fromarray(scene(37, 52)).convert("L"))
save("bilevel.png", Image.fromarray(scene(37, 52)).convert("1"))
rgba = np.dstack([scene(40, 33), rng.integers(0, 256, (33, 40), dtype=np.uint8)])
save("rgba.png", Image.fromarray(rgba, "RGBA"))
la = np.dstack([scene(31, 29)[:, :, 0], rng.integers(0, 256, (29, 31), dtype=np.uint8)])
save("la.png", Image.fromarray(la, "LA"))
save("palette.png", Image.fromarray(scene(45, 38)).quantize(17))
save("palette-alpha.png", Image.fromarray(scene(45, 38)).quantize(9), transparency=3)


def png16(name, a, colour_type):
    """A 16-bit PNG, which Pillow does not write."""
    import struct, zlib

    h, w = a.shape[:2]
    raw = b"".join(b"\0" + a[i].astype(">u2").tobytes() for i in range(h))

    def chunk(t, d):
        return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))

    with open(os.path.join("pictures", name), "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, colour_type, 0, 0, 0)))
        f.write(chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


deep = scene(27, 35).astype(np.uint16) * 256 + rng.integers(0, 256, (35, 27, 3), dtype=np.uint16)
png16("rgb16.png", deep, 2)
png16("rgba16.png", np.dstack([deep, rng.integers(0, 65536, (35, 27), dtype=np.uint16)]), 6)

# JPEG: the subsamplings, sizes that do not fill a block, grey, CMYK, progressive.
for name, ss in (("444", 0), ("422", 1), ("420", 2)):
    save("jpeg%s.jpg" % name, Image.fromarray(scene(75, 53)), quality=90, subsampling=ss)
    save("smooth%s.jpg" % name, Image.fromarray(smooth(64, 48)), quality=95, subsampling=ss)
save("progressive.jpg", Image.fromarray(scene(66, 71)), quality=85, progressive=True)
save("narrow.jpg", Image.fromarray(scene(4, 30)), quality=90)
save("gray.jpg", Image.fromarray(scene(50, 41)).convert("L"), quality=90)
save("cmyk.jpg", Image.fromarray(scene(47, 39)).convert("CMYK"), quality=95)

# EXIF orientation 1 to 8 on a picture with no symmetry.
for o in range(1, 9):
    e = Image.Exif()
    e[0x0112] = o
    e[0x010E] = "made by make.py"
    save("exif%d.jpg" % o, Image.fromarray(scene(40, 24, 0)), quality=95, subsampling=0, exif=e)
e = Image.Exif()
e[0x0112] = 6
save("exif6.png", Image.fromarray(scene(40, 24, 0)), exif=e)
save("exif6.webp", Image.fromarray(scene(40, 24, 0)), lossless=True, exif=e)

# GIF and WebP.
frames = [Image.fromarray(scene(33, 28)).quantize(32) for _ in range(2)]
save("anim.gif", frames[0], save_all=True, append_images=frames[1:], duration=100)
save("gray.gif", Image.fromarray(scene(30, 20)).convert("L"))
# A first frame smaller than its screen, with a transparent colour.
small = Image.fromarray(scene(20, 15)).quantize(8)
buf = io.BytesIO()
small.save(buf, "GIF", transparency=2)
gif = bytearray(buf.getvalue())
at = gif.index(bytes([0x2C, 0, 0, 0, 0, 20, 0, 15, 0]))
gif[at + 1], gif[at + 3] = 4, 6  # left, top
gif[6], gif[8] = 30, 25  # the screen
with open("pictures/offset.gif", "wb") as f:
    f.write(gif)
save("lossless.webp", Image.fromarray(scene(35, 44)), lossless=True)
save("lossy.webp", Image.fromarray(scene(51, 38)), quality=90)
save("even.webp", Image.fromarray(smooth(48, 36)), quality=90)
save("alpha.webp", Image.fromarray(rgba, "RGBA"), quality=90)

# name -> resize (0: straight to crop), crop height, crop width
SPECS = {
    "shrink": (20, 16, 16),
    "grow": (80, 72, 64),
    "exact": (0, 24, 40),
    "pad": (13, 21, 18),
    "same": (0, 53, 75),
}

index = []
for f in sorted(os.listdir("pictures")):
    path = os.path.join("pictures", f)
    # exif_transpose where there is something to do: it also re-encodes the palette.
    im = Image.open(path)
    entry = {"file": f, "mode": im.mode, "crops": []}
    o = im.getexif().get(0x0112, 1)
    turned = ImageOps.exif_transpose(im) if o != 1 else im
    rgb = turned.convert("RGB")
    rgb.info.pop("transparency", None)  # or the golden PNGs would carry it
    rgb.save("rgb/%s.png" % f, optimize=True)
    # Order "gray": from RGB, as transforms.Grayscale does after a loader's convert("RGB").
    rgb.convert("L").save("gray/%s.png" % f, optimize=True)
    for s, (resize, ch, cw) in SPECS.items():
        if s == "grow" and f not in ("rgb.png", "tiny.png", "dot.png", "gray.png", "jpeg420.jpg"):
            continue
        if s == "same" and not f.startswith("jpeg"):
            continue
        if s in ("exact", "pad") and not f.endswith(".png") and f != "progressive.jpg":
            continue
        t = F.resize(rgb, [ch, cw] if resize == 0 else resize, interpolation=T.InterpolationMode.BILINEAR)
        F.center_crop(t, [ch, cw]).save("crop/%s.%s.png" % (f, s), optimize=True)
        entry["crops"].append(s)
    index.append(entry)

NORMS = [
    ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ([0.53129727, 0.5259391, 0.52069134], [0.28938246, 0.28505746, 0.27971658]),
    ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
    ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
]
levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
levels = Image.fromarray(np.dstack([levels, levels.T, levels[::-1]]))
for i, (mean, std) in enumerate(NORMS):
    t = T.Compose([T.ToTensor(), T.Normalize(mean, std)])(levels)
    t.numpy().astype("<f4").tofile("norm.%d.f32" % i)
levels.save("levels.png", optimize=True)

# What torchvision answers for size and crop arithmetic, many shapes.
sizes = []
for w, h in [(500, 375), (375, 500), (333, 1000), (1, 7), (7, 1), (256, 256), (640, 427), (1023, 769), (32, 32), (5000, 3)]:
    for s in (1, 32, 224, 232, 256, 255):
        im = Image.new("L", (w, h))
        big = max(w, h) * s // min(w, h) > 4000
        if not big:
            t = F.resize(im, s)
            sizes.append([w, h, s, t.width, t.height])
crops = []
for n in range(1, 14):
    for c in range(1, 14):
        # The rows that survive, found by running it.
        col = Image.fromarray(np.arange(1, n + 1, dtype=np.uint8).reshape(n, 1).repeat(c, 1))
        crops.append([n, c, np.asarray(F.center_crop(col, [c, c]))[:, 0].tolist()])
json.dump({"specs": SPECS, "norms": NORMS, "pictures": index, "sizes": sizes, "crops": crops},
          open("golden.json", "w"), separators=(",", ":"))

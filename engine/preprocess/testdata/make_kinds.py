#!/usr/bin/env python3
"""Makes the pictures of kinds/: valid files of kinds that decoders are known to
refuse or to read wrongly, and what Pillow makes of them. Run in this folder, with
cjpeg of libjpeg-turbo in the path:

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pillow==12.3.0 numpy
    /tmp/venv/bin/python make_kinds.py

kinds.json has for each file: width and height, and the SHA-256 of the bytes of
exif_transpose(Image.open(f)).convert("RGB"), with ImageFile.LOAD_TRUNCATED_IMAGES
where Pillow reads the file no other way; for a JPEG also those at 1/2, 1/4 and
1/8 by Image.draft. Everything is drawn from formulas and a seeded generator.
"""
import hashlib, io, json, os, struct, subprocess, zlib
import numpy as np
from PIL import Image, ImageFile, ImageOps

rng = np.random.default_rng(7)
os.makedirs("kinds", exist_ok=True)


def scene(w, h, noise=0.15):
    y, x = np.mgrid[0:h, 0:w].astype(float)
    a = np.stack([255 * x / max(w - 1, 1), 255 * y / max(h - 1, 1), 127.5 + 127.5 * np.sin(x / 3.1) * np.cos(y / 4.7)], -1)
    a[(x // 7 + y // 5) % 4 == 0] = [250, 20, 30]
    a[(x - w / 2) ** 2 + (y - h / 2) ** 2 < (min(w, h) / 4) ** 2] = [10, 200, 240]
    return np.clip(a * (1 - noise) + rng.uniform(0, 255, a.shape) * noise + 0.5, 0, 255).astype(np.uint8)


def put(name, data):
    with open("kinds/" + name, "wb") as f:
        f.write(data)


def encoded(im, form, **kw):
    b = io.BytesIO()
    im.save(b, form, **kw)
    return b.getvalue()


def picture(w, h, noise=0.15):
    return Image.fromarray(scene(w, h, noise))


def cjpeg(im, *args):
    return subprocess.run(["cjpeg", *args], input=encoded(im, "PPM"), capture_output=True, check=True).stdout


# --- JPEG ---------------------------------------------------------------------

FACTORS = ["1x1", "2x1", "2x2", "1x2", "4x1", "4x2", "1x4", "3x1", "3x2", "1x3", "2x4", "2x2,2x1,1x1", "2x1,1x2,1x1",
           "1x1,2x2,1x1", "2x2,1x2,2x1", "4x1,2x1,1x1", "1x1,2x1,2x1", "2x2,1x1,2x2"]
MODES = {"": [], "p": ["-progressive"], "a": ["-arithmetic"], "ap": ["-arithmetic", "-progressive"], "pr": ["-progressive", "-restart", "3B"]}
for s in FACTORS:
    for mode, args in MODES.items():
        if mode in ("a", "ap", "pr") and s not in ("2x2", "1x1,2x2,1x1"):
            continue
        put("factors_%s%s.jpg" % (s.replace(",", "_"), mode and "_" + mode), cjpeg(picture(43, 37), "-quality", "80", "-sample", s, *args))
for size in ((1, 1), (2, 3), (3, 5), (5, 2), (17, 9), (33, 16)):
    put("size_%dx%d.jpg" % size, cjpeg(picture(*size), "-quality", "90", "-sample", "2x2"))
    put("size_%dx%d_h.jpg" % size, cjpeg(picture(*size), "-quality", "90", "-sample", "2x1"))
put("grey.jpg", cjpeg(picture(43, 37), "-grayscale", "-restart", "2B"))
put("grey_p.jpg", cjpeg(picture(43, 37), "-grayscale", "-progressive"))
put("grey_a.jpg", cjpeg(picture(43, 37), "-grayscale", "-arithmetic"))
put("rgb.jpg", cjpeg(picture(43, 37), "-rgb"))
put("quality100.jpg", cjpeg(picture(43, 37, 0.6), "-quality", "100", "-sample", "1x1"))
put("quality1.jpg", cjpeg(picture(43, 37), "-quality", "1"))
put("quality3_p.jpg", cjpeg(picture(43, 37), "-quality", "3", "-progressive"))
with open("/tmp/scans.txt", "w") as f:
    f.write("0;\n1;\n2;\n")
put("scans_apart.jpg", cjpeg(picture(43, 37), "-scans", "/tmp/scans.txt"))
put("scans_apart_r.jpg", cjpeg(picture(43, 37), "-scans", "/tmp/scans.txt", "-restart", "1B"))
put("cmyk.jpg", encoded(picture(31, 23).convert("CMYK"), "JPEG", quality=90))


def segments(b):
    """Yields marker, start, end of each segment before the first scan's data."""
    i = 2
    while b[i] == 0xFF:
        n = struct.unpack(">H", b[i + 2:i + 4])[0]
        yield b[i + 1], i, i + 2 + n
        if b[i + 1] == 0xDA:
            return
        i += 2 + n


def without(b, *markers):
    out, last = b[:2], 2
    for m, i, j in segments(b):
        if m not in markers:
            out += b[i:j]
        last = j
    return out + b[last:]


base = cjpeg(picture(43, 37), "-quality", "85", "-sample", "2x1")
put("camera.jpg", without(base, 0xC4))  # no Huffman tables
put("no_jfif.jpg", without(base, 0xE0))
adobe = encoded(picture(31, 23).convert("CMYK"), "JPEG", quality=90)
put("cmyk_no_adobe.jpg", without(adobe, 0xEE))
ycck = bytearray(adobe)
for m, i, j in segments(adobe):
    if m == 0xEE:
        ycck[j - 1] = 2
put("ycck.jpg", bytes(ycck))
put("no_eoi.jpg", base[:-2])
put("rubbish_behind.jpg", base + b"\xff\xfe\x12 and more")
put("fill_bytes.jpg", b"\xff\xd8" + b"".join(b"\xff\xff" + base[i:j] for m, i, j in segments(base)) + base[[j for m, i, j in segments(base)][-1]:])
data = [j for m, i, j in segments(base)][-1]
put("ends_early.jpg", base[:data + (len(base) - data) // 2].rstrip(b"\xff") + b"\xff\xd9")
restarts = cjpeg(picture(60, 60), "-quality", "85", "-restart", "2B")
data = [j for m, i, j in segments(restarts)][-1]
marks = [i for i in range(data, len(restarts) - 1) if restarts[i] == 0xFF and 0xD0 <= restarts[i + 1] <= 0xD7]
put("restart_lost.jpg", restarts[:marks[2]] + restarts[marks[3]:])
put("restart_twice.jpg", restarts[:marks[3]] + restarts[marks[2]:])
put("restart_cut.jpg", restarts[:marks[2] - 9] + restarts[marks[2]:])
# Four components of one table each, a quantization table of 16 bits.
for m, i, j in segments(base):
    if m == 0xDB:
        at = i
q = base[at + 4:at + 4 + 65]
wide = b"\xff\xdb" + struct.pack(">HB", 2 + 129, 0x10 | q[0]) + b"".join(struct.pack(">H", v) for v in q[1:])
put("quant16.jpg", base[:2] + b"".join(base[i:j] if i != at else wide for m, i, j in segments(base)) + base[[j for m, i, j in segments(base)][-1]:])

# --- PNG ----------------------------------------------------------------------


def chunk(kind, body, crc=None):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)


def png(im, before=b"", pack=zlib.compress, extra=b"", end=chunk(b"IEND", b""), ihdr=None):
    a = np.asarray(im)
    raw = b"".join(b"\0" + row.tobytes() for row in a)
    head = ihdr or struct.pack(">IIBBBBB", im.width, im.height, 8, {"RGB": 2, "L": 0, "RGBA": 6}[im.mode], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", pack(raw + extra)) + end


upright = picture(29, 22, 0)
exif = Image.Exif()
exif[0x0112] = 6
block = b"Exif\0\0" + exif.tobytes()[6:]
lines = b"\nexif\n%8d\n" % len(block) + b"\n".join(block.hex().encode()[i:i + 72] for i in range(0, 2 * len(block), 72)) + b"\n"
xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'
put("raw_profile.png", png(upright, chunk(b"tEXt", b"Raw profile type exif\0" + lines)))
put("raw_profile_z.png", png(upright, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(lines))))
put("xmp.png", png(upright, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp % 8)))
put("xmp_z.png", png(upright, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp % 3))))
put("exif_over_xmp.png", png(upright, chunk(b"eXIf", block[6:]) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp % 3)))
put("iccp_crc.png", png(upright, chunk(b"iCCP", b"x\0\0" + zlib.compress(b"nothing"), 12345)))
put("text_crc.png", png(upright, chunk(b"tEXt", b"a\0b", 1)))
put("no_iend.png", png(upright, end=b""))
put("iend_cut.png", png(upright, end=b"\0\0\0\0IEN"))
put("behind.png", png(upright, end=chunk(b"IEND", b"") + b"and more" * 9))
put("more_pixels.png", png(upright, extra=b"\0" * 500))
put("no_adler.png", png(upright, pack=lambda raw: zlib.compress(raw)[:-4]))
put("idat_parts.png", png(upright, end=b"").replace(b"", b"", 1) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
for mode in ("RGB", "L", "RGBA", "P", "1", "LA"):
    im = upright.convert("RGBA") if mode in ("LA", "RGBA") else upright
    put("plain_%s.png" % mode, encoded(im.convert(mode), "PNG"))


def interlaced(a, colour, depth):
    h, w = a.shape[:2]
    raw = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = a[y0::dy, x0::dx]
        if part.size:
            raw += b"".join(b"\0" + row.tobytes() for row in part)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, 1)) + chunk(b"IDAT", zlib.compress(raw))


put("interlaced.png", interlaced(np.asarray(upright), 2, 8) + chunk(b"IEND", b""))
put("interlaced_no_iend.png", interlaced(np.asarray(upright.convert("L")), 0, 8))

# --- GIF ----------------------------------------------------------------------

g = bytearray(encoded(picture(20, 15).quantize(16), "GIF"))
at = g.index(bytes([0x2C, 0, 0, 0, 0, 20, 0, 15, 0]))
for name, screen, left in (("outside", (22, 25), (4, 6)), ("outside_all", (3, 3), (4, 6)), ("no_screen", (0, 0), (0, 0)), ("no_width", (0, 40), (2, 0)), ("inside", (30, 20), (5, 3))):
    b = bytearray(g)
    b[6:10] = struct.pack("<HH", *screen)
    b[at + 1:at + 5] = struct.pack("<HH", *left)
    put("screen_%s.gif" % name, bytes(b))
put("interlaced.gif", encoded(picture(20, 15).quantize(16), "GIF", interlace=True))
put("smaller.gif", bytes(g[:at + 7]) + bytes([11, 0]) + bytes(g[at + 9:]))  # more data than the frame needs
put("padded.gif", bytes(g[:at]) + b"\0\0" + bytes(g[at:]))
put("no_trailer.gif", bytes(g[:-1]))
put("two_frames.gif", encoded(picture(20, 15).quantize(16), "GIF", save_all=True, append_images=[picture(20, 15).quantize(16)], transparency=3))

# --- WebP ---------------------------------------------------------------------

for name, kw in (("lossless", {"lossless": True}), ("lossy", {"quality": 80}), ("mixed", {"allow_mixed": True})):
    ims = [picture(28, 21, 0.05) for _ in range(2)]
    put("animated_%s.webp" % name, encoded(ims[0], "WEBP", save_all=True, append_images=ims[1:], duration=40, **kw))
alpha = Image.fromarray(np.dstack([scene(28, 21), rng.integers(0, 256, (21, 28), dtype=np.uint8)]), "RGBA")
alpha2 = Image.fromarray(np.dstack([scene(28, 21), rng.integers(0, 256, (21, 28), dtype=np.uint8)]), "RGBA")
put("animated_alpha.webp", encoded(alpha, "WEBP", save_all=True, append_images=[alpha2], duration=40, quality=80))
hole = Image.new("RGBA", (40, 30))
hole.paste(alpha, (8, 6))
put("animated_offset.webp", encoded(hole, "WEBP", save_all=True, append_images=[alpha2.resize((40, 30))], duration=40, lossless=True))
put("xmp.webp", encoded(upright, "WEBP", lossless=True, xmp=xmp % 7))
put("exif.webp", encoded(upright, "WEBP", quality=80, exif=exif))

# --- BMP, TIFF ----------------------------------------------------------------

for mode in ("RGB", "L", "P", "1", "RGBA"):
    put("plain_%s.bmp" % mode, encoded(upright.convert(mode), "BMP"))


def bmp(w, h, bits, compression, rows, masks=b"", palette=b"", size=40):
    off = 14 + size + len(masks) + len(palette)
    head = struct.pack("<IiiHHIIiiII", size, w, h, 1, bits, compression, len(rows), 0, 0, len(palette) // 4, 0)
    if size == 12:
        head = struct.pack("<IHHHH", 12, w, h, 1, bits)
    return b"BM" + struct.pack("<IHHI", off + len(rows), 0, 0, off) + head + masks + palette + rows


a = np.asarray(upright).astype(int)
flipped = a[::-1]
w, h = upright.size
pad = lambda row: row + b"\0" * (-len(row) % 4)
five = (flipped[:, :, 0] >> 3 << 10) | (flipped[:, :, 1] >> 3 << 5) | flipped[:, :, 2] >> 3
put("rgb555.bmp", bmp(w, h, 16, 0, b"".join(pad(r.astype("<u2").tobytes()) for r in five)))
six = (flipped[:, :, 0] >> 3 << 11) | (flipped[:, :, 1] >> 2 << 5) | flipped[:, :, 2] >> 3
put("rgb565.bmp", bmp(w, h, 16, 3, b"".join(pad(r.astype("<u2").tobytes()) for r in six), struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
quad = flipped[:, :, 0] << 16 | flipped[:, :, 1] << 8 | flipped[:, :, 2]
put("bitfields32.bmp", bmp(w, h, 32, 3, b"".join(r.astype("<u4").tobytes() for r in quad), struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)))
put("top_down.bmp", bmp(w, -h, 24, 0, b"".join(pad(r[:, ::-1].astype(np.uint8).tobytes()) for r in a)))
colours = np.arange(16, dtype=np.uint8)
palette = b"".join(bytes([17 * i, 255 - 17 * i, (40 * i) % 256, 0]) for i in range(16))
index = ((a[:, :, 0] // 40 + a[:, :, 1] // 50) % 16).astype(np.uint8)[::-1]
nibbles = b"".join(pad(bytes((int(r[i]) << 4 | (int(r[i + 1]) if i + 1 < w else 0)) for i in range(0, w, 2))) for r in index)
put("bits4.bmp", bmp(w, h, 4, 0, nibbles, b"", palette))
put("os2.bmp", bmp(w, h, 24, 0, b"".join(pad(r[:, ::-1].astype(np.uint8).tobytes()) for r in flipped), size=12))


def rle8(rows):
    out = b""
    for r in rows:
        i = 0
        while i < len(r):
            n = 1
            while i + n < len(r) and n < 255 and r[i + n] == r[i]:
                n += 1
            if n == 1 and i + 3 <= len(r):
                out += bytes([0, 3]) + bytes(r[i:i + 3]) + b"\0"
                i += 3
            else:
                out += bytes([n, r[i]])
                i += n
        out += b"\0\0"
    return out + b"\0\1"


put("rle8.bmp", bmp(w, h, 8, 1, rle8(index), b"", palette))
for name, kw in (("raw", {}), ("lzw", {"compression": "tiff_lzw"}), ("deflate", {"compression": "tiff_adobe_deflate"}), ("packbits", {"compression": "packbits"})):
    for mode in ("RGB", "L"):
        put("%s_%s.tiff" % (name, mode), encoded(upright.convert(mode), "TIFF", **kw))
put("palette.tiff", encoded(upright.quantize(20), "TIFF"))
put("bilevel.tiff", encoded(upright.convert("1"), "TIFF"))
put("group4.tiff", encoded(upright.convert("1"), "TIFF", compression="group4"))
put("rgba.tiff", encoded(alpha, "TIFF"))
for o in range(2, 9):
    put("turned%d.tiff" % o, encoded(upright, "TIFF", tiffinfo={274: o}))

# --- What Pillow makes of them --------------------------------------------------


def digest(im):
    return [im.width, im.height, hashlib.sha256(im.tobytes()).hexdigest()]


index = {}
for f in sorted(os.listdir("kinds")):
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        im = Image.open("kinds/" + f)
        im.load()
    except OSError as e:
        print("%s: read with LOAD_TRUNCATED_IMAGES: %s" % (f, e))
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        im = Image.open("kinds/" + f)
        im.load()
    entry = {"rgb": digest(ImageOps.exif_transpose(im).convert("RGB"))}
    if f.endswith(".jpg") and min(im.size) >= 16:
        for s in (2, 4, 8):
            d = Image.open("kinds/" + f)
            d.draft(None, (im.width // s, im.height // s))
            d.load()
            entry[str(s)] = digest(d.convert("RGB"))
    index[f] = entry
with open("kinds.json", "w") as f:
    json.dump(index, f, separators=(",", ":"), indent=0)
print(len(index), "pictures")

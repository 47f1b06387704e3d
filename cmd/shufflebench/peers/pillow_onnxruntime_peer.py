"""Pillow and ONNX Runtime as a peer of shufflebench -pictures, by PyPI's pillow and onnxruntime.

    python3 -m pip install onnxruntime pillow
    shufflebench -pictures DIR -peer 'python3 cmd/shufflebench/peers/pillow_onnxruntime_peer.py {model.onnx}'

From a picture's file to its class, as a careful Python program does it: EXIF
orientation, antialiased bilinear scaling, centre crop, ONNX Runtime. With --draft
before the model Pillow decodes large JPEGs at a reduced size (Image.draft), which
is faster, and no longer what torchvision does. With several threads each takes a
picture of its own; both libraries let the others run while they compute.
"""

import protocol  # first: it keeps standard output for the answers

import concurrent.futures
import sys
import time

import numpy
import onnxruntime
import PIL
from PIL import Image, ImageOps

from onnxruntime_peer import open_session

DRAFT = "--draft" in sys.argv[1:]


class Preprocess:
    """A picture's file to the network's input, as torchvision's Resize, CenterCrop, ToTensor and Normalize."""

    def __init__(self, how):
        if how["filter"] != "bilinear":
            raise ValueError(f"got filter {how['filter']!r}, want bilinear")
        self.mode = "L" if how["order"] == "gray" else "RGB"
        self.resize, (self.height, self.width) = how.get("resize", 0), how["crop"]
        # No side of a picture decoded at a reduced size may be less. (It may be turned later.)
        self.least = self.resize or max(self.height, self.width)
        self.reverse = how["order"] == "bgr"
        mean, std = (numpy.array(how[key], numpy.float32) for key in ("mean", "std"))
        # (pixel / 255 - mean) / std as one multiplication and one addition.
        self.scale = (1 / (255 * std)).reshape(-1, 1, 1)
        self.shift = (-mean / std).reshape(-1, 1, 1)

    def __call__(self, path):
        image = Image.open(path)
        if DRAFT:
            image.draft(None, (self.least, self.least))
        image = ImageOps.exif_transpose(image).convert(self.mode)
        image = self.cropped(image)
        pixels = numpy.asarray(image)
        pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        if self.reverse:
            pixels = pixels[::-1]
        x = numpy.multiply(pixels, self.scale, dtype=numpy.float32, order="C")
        x += self.shift
        return x[None]

    def cropped(self, image):
        if not self.resize:
            return image.resize((self.width, self.height), Image.Resampling.BILINEAR)
        width, height = image.size
        if width <= height:
            width, height = self.resize, int(self.resize * height / width)
        else:
            width, height = int(self.resize * width / height), self.resize
        if (width, height) != image.size:
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        left, top = round((width - self.width) / 2), round((height - self.height) / 2)
        return image.crop((left, top, left + self.width, top + self.height))


class Peer:
    def load(self, q):
        if "preprocess" not in q:
            raise ValueError("this peer classifies pictures: shufflebench -pictures DIR")
        self.preprocess = Preprocess(q["preprocess"])
        self.session = open_session(q["model"], 1)
        self.input = self.session.get_inputs()[0].name
        self.output = self.session.get_outputs()[0].name
        self.pool = concurrent.futures.ThreadPoolExecutor(q["threads"]) if q["threads"] > 1 else None
        name = "pillow+onnxruntime" + ("+draft" if DRAFT else "")
        return {"name": name, "version": f"{onnxruntime.__version__} pillow {PIL.__version__} python"}

    def one(self, path):
        begin = time.perf_counter_ns()
        y = self.session.run([self.output], {self.input: self.preprocess(path)})[0]
        return int(y.reshape(-1).argmax()), time.perf_counter_ns() - begin

    def classify(self, q):
        each = self.pool.map if self.pool else map
        classes, ns = zip(*each(self.one, q["files"]))
        return {"classes": classes, "ns": ns}


if __name__ == "__main__":
    protocol.serve(Peer())

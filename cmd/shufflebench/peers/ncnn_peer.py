"""ncnn as a peer of shufflebench, by PyPI's ncnn and pnnx.

    python3 -m pip install ncnn pnnx numpy
    shufflebench -peer 'python3 cmd/shufflebench/peers/ncnn_peer.py {model.onnx}'

pnnx converts the ONNX file first; that is not part of the time of loading. Storage
and arithmetic in 16 bits are off, so that everything is float32. ncnn knows no
batches: samples run one after the other.
"""

import protocol  # first: it keeps standard output for the answers

import importlib.util
import os
import shutil
import subprocess
import tempfile

import ncnn
import numpy


def pnnx():
    """The converter's program: the one in its Python package, which needs no PyTorch, or one in PATH."""
    package = importlib.util.find_spec("pnnx")
    places = list(package.submodule_search_locations) if package else []
    for name in ("pnnx", "pnnx.exe"):
        for place in places:
            if os.path.isfile(os.path.join(place, name)):
                return os.path.join(place, name)
    found = shutil.which("pnnx")
    if found is None:
        raise RuntimeError("pnnx is not there: python3 -m pip install pnnx")
    return found


class Peer:
    def prepare(self, q):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "model.onnx")
        shutil.copy(q["model"], path)  # pnnx writes beside the file
        shape = ",".join(map(str, [1] + q["shape"][1:]))
        done = subprocess.run([pnnx(), path, f"inputshape=[{shape}]", "fp16=0"], cwd=self.folder.name, capture_output=True, text=True)
        self.model = os.path.join(self.folder.name, "model.ncnn")
        if not os.path.exists(self.model + ".param"):
            raise RuntimeError(f"pnnx wrote no model, exit status {done.returncode}: {(done.stderr or done.stdout)[-400:]}")

    def load(self, q):
        self.net = ncnn.Net()
        o = self.net.opt
        o.num_threads, o.use_vulkan_compute = q["threads"], False
        o.use_fp16_packed = o.use_fp16_storage = o.use_fp16_arithmetic = o.use_bf16_storage = False
        if self.net.load_param(self.model + ".param") or self.net.load_model(self.model + ".bin"):
            raise RuntimeError("ncnn cannot read what pnnx wrote")
        return {"name": "ncnn", "version": ncnn.__version__ + " python"}

    def feed(self, x):
        self.x = [ncnn.Mat(sample).clone() for sample in x]

    def once(self):
        self.y = []
        for sample in self.x:
            extractor = self.net.create_extractor()
            extractor.input("in0", sample)
            status, out = extractor.extract("out0")
            if status:
                raise RuntimeError(f"ncnn: extract: status {status}")
            self.y.append(out)

    def outputs(self):
        return [numpy.stack([numpy.array(y) for y in self.y])]


if __name__ == "__main__":
    protocol.serve(Peer())

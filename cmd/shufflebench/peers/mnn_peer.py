"""MNN as a peer of shufflebench, by PyPI's MNN.

    python3 -m pip install MNN numpy
    shufflebench -peer 'python3 cmd/shufflebench/peers/mnn_peer.py {model.onnx}'

MNN's own converter reads the ONNX file first; that is not part of the time of
loading. Precision is high, which is float32, and shapes are fixed.
"""

import protocol  # first: it keeps standard output for the answers, and MNN prints when it is imported

import os
import subprocess
import sys
import tempfile

import MNN
import MNN.expr
import MNN.nn
import numpy

# The converter is called without MNN.tools around it: importing that package
# installs a package by pip, and reports the conversion to its makers.
CONVERTER = "import sys, MNN, _tools; _tools.mnnconvert(['mnnconvert'] + sys.argv[1:])"


def convert(onnx, to):
    """Converts in a process of its own, because the converter prints to standard output."""
    arguments = ["-f", "ONNX", "--modelFile", onnx, "--MNNModel", to, "--bizCode", "shufflebench"]
    done = subprocess.run([sys.executable, "-c", CONVERTER] + arguments, capture_output=True, text=True)
    if not os.path.exists(to):
        raise RuntimeError(f"MNN's converter wrote no model, exit status {done.returncode}: {(done.stderr or done.stdout)[-400:]}")


class Peer:
    def prepare(self, q):
        self.folder = tempfile.TemporaryDirectory()
        self.model = os.path.join(self.folder.name, "model.mnn")
        convert(q["model"], self.model)

    def load(self, q):
        runtime = MNN.nn.create_runtime_manager(({"backend": "CPU", "numThread": q["threads"], "precision": "high", "power": "high"},))
        self.net = MNN.nn.load_module_from_file(self.model, [], [], runtime_manager=runtime, dynamic=False, shape_mutable=False)
        return {"name": "mnn", "version": MNN.version() + " python"}

    def feed(self, x):
        # Models from ONNX want their input in NCHW.
        self.x = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW, MNN.expr.float)
        self.x.write(x)

    def once(self):
        self.y = self.net.onForward([self.x])
        for y in self.y:
            y.read()  # evaluation is lazy

    def outputs(self):
        return [numpy.array(y.read()) for y in self.y]


if __name__ == "__main__":
    protocol.serve(Peer())

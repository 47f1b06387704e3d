"""ONNX Runtime as a peer of shufflebench, by PyPI's onnxruntime.

    python3 -m pip install onnxruntime
    shufflebench -peer 'python3 cmd/shufflebench/peers/onnxruntime_peer.py {model.onnx}'

All graph optimizations are on, execution is sequential, and input and outputs are
bound to buffers once, so that a run neither allocates nor copies them.
"""

import protocol  # first: it keeps standard output for the answers

import numpy
import onnxruntime


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Peer:
    def load(self, q):
        self.session = open_session(q["model"], q["threads"])
        return {"name": "onnxruntime", "version": f"{onnxruntime.__version__} python"}

    def feed(self, x):
        self.x = onnxruntime.OrtValue.ortvalue_from_numpy(x)
        # One run says how large the outputs are.
        values = self.session.run(None, {self.session.get_inputs()[0].name: x})
        self.y = [onnxruntime.OrtValue.ortvalue_from_numpy(numpy.zeros_like(v)) for v in values]
        self.binding = self.session.io_binding()
        self.binding.bind_ortvalue_input(self.session.get_inputs()[0].name, self.x)
        for o, v in zip(self.session.get_outputs(), self.y):
            self.binding.bind_ortvalue_output(o.name, v)

    def once(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        return [v.numpy() for v in self.y]


if __name__ == "__main__":
    protocol.serve(Peer())

"""OpenVINO as a peer of shufflebench, by PyPI's openvino.

    python3 -m pip install openvino
    shufflebench -peer 'python3 cmd/shufflebench/peers/openvino_peer.py {model.onnx}'

The CPU plugin is told to care for latency, with one stream, and to compute in
float32: by default it computes in bfloat16 where the processor can, and its
outputs would not agree. The input is shared, not copied.
"""

import protocol  # first: it keeps standard output for the answers

import openvino


class Peer:
    def load(self, q):
        core = openvino.Core()
        model = core.read_model(q["model"])
        model.reshape(q["shape"])
        self.request = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": q["threads"],
            "INFERENCE_PRECISION_HINT": "f32",
        }).create_infer_request()
        return {"name": "openvino", "version": openvino.get_version().split("-")[0] + " python"}

    def feed(self, x):
        self.x = openvino.Tensor(x, shared_memory=True)
        self.request.set_input_tensor(self.x)

    def once(self):
        # infer() would copy the outputs; these two do not.
        self.request.start_async()
        self.request.wait()

    def outputs(self):
        return [t.data for t in self.request.output_tensors]


if __name__ == "__main__":
    protocol.serve(Peer())

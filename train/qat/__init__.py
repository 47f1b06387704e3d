"""Quantization-aware training: training goes on with the engine's 8-bit arithmetic in the forward passes.

    trace.py      a PyTorch network, or a model file's, as a graph
    plan.py       that graph as quantized operators, and which values share a scale
    rounding.py   rounding with a gradient
    units.py      the operators: in float32, in integers, and as nodes of an ONNX file
    network.py    the network that they make
    calibrate.py  scales to begin with
    command.py    `train qat`
    agree.py      the network against the engine, integer by integer

weights/FORMAT.md, "Quantized values", has the formulas that units.py follows.
"""

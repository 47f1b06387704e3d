"""Writes ONNX's own conformance cases, one directory a case, as libonnx-testdata of Debian has them.

    python3 conformance.py DIRECTORY

DIRECTORY/NAME holds model.onnx and test_data_set_0 with input_K.pb and output_K.pb. The
cases are those of the installed onnx package (PyPI), which has them as programs.
RIFFLE_ONNX_CONFORMANCE=DIRECTORY go test ./weights/onnx -run Conformance -v compares.
"""

import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")
out = Path(sys.argv[1])
for case in collect_testcases(None):
    try:
        data = [[numpy_helper.from_array(np.asarray(a)) for a in part] for part in case.data_sets[0]]
    except (TypeError, ValueError, NotImplementedError):
        continue  # sequences, text
    folder = out / case.name / "test_data_set_0"
    folder.mkdir(parents=True, exist_ok=True)
    (out / case.name / "model.onnx").write_bytes(case.model.SerializeToString())
    for kind, tensors in zip(("input", "output"), data):
        for k, t in enumerate(tensors):
            (folder / f"{kind}_{k}.pb").write_bytes(t.SerializeToString())
more = Path(onnx.__file__).parent / "backend/test/data"
for kind in ("pytorch-converted", "pytorch-operator", "simple", "light"):
    for folder in sorted((more / kind).glob("test_*")):
        if (folder / "test_data_set_0").is_dir():
            shutil.copytree(folder, out / folder.name, dirs_exist_ok=True)

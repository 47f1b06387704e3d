"""Talks to riffle-serve with a client that is not ours, over HTTP and over gRPC.

    pip install 'tritonclient[http,grpc]'
    python triton.py HTTP-ADDRESS GRPC-ADDRESS PICTURE LABEL

The server has the models cifar10 and cifar10-sds. Ends with status 0 if all answers are
as they should be.
"""
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http


def check(m, client, picture, label, **binary):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("cifar10-sds") and client.is_model_ready("cifar10", "1")
    assert not client.is_model_ready("nothing")

    # Two pictures in one request, several outputs.
    image = m.InferInput("image", [2], "BYTES")
    image.set_data_from_numpy(np.array([picture, picture], dtype=np.object_))
    outputs = [m.InferRequestedOutput(name) for name in ("labels", "probabilities", "embedding", "permutations")]
    outputs.append(m.InferRequestedOutput("logits", class_count=3))
    a = client.infer("cifar10-sds", [image], outputs=outputs, request_id="seven")
    labels = a.as_numpy("labels")
    assert labels.shape == (2, 5) and labels[0][0].decode() == label, labels
    assert a.as_numpy("embedding").shape == (2, 256)
    assert a.as_numpy("probabilities").dtype == np.float32
    assert a.as_numpy("permutations")[0].startswith(b'[{"node":')
    assert a.as_numpy("logits")[1][0].decode().endswith(":" + label), a.as_numpy("logits")

    # The tensor itself, and the same bits each time.
    x = np.random.default_rng(1).standard_normal((3, 3, 32, 32), dtype=np.float32)
    tensor = m.InferInput("input", x.shape, "FP32")
    tensor.set_data_from_numpy(x)
    first = client.infer("cifar10", [tensor]).as_numpy("logits")
    again = client.infer("cifar10", [tensor], timeout=10_000_000).as_numpy("logits")
    assert first.shape == (3, 10) and np.array_equal(first, again)

    # Errors are the client's own kind of exception, with the server's text.
    try:
        client.infer("nothing", [tensor])
        raise AssertionError("a model that does not exist answered")
    except m.InferenceServerException as e:
        assert "no model" in e.message(), e

    client.unload_model("cifar10")
    assert not client.is_model_ready("cifar10")
    client.load_model("cifar10")
    assert client.is_model_ready("cifar10")
    return first


def main(http, grpc, path, label):
    with open(path, "rb") as f:
        picture = f.read()
    with tritonclient.http.InferenceServerClient(http) as client:
        meta = client.get_server_metadata()
        assert meta["name"] == "riffle" and "binary_tensor_data" in meta["extensions"], meta
        inputs = client.get_model_metadata("cifar10-sds")["inputs"]
        assert inputs[0] == {"name": "input", "datatype": "FP32", "shape": [-1, 3, 32, 32]}, inputs
        assert [m["name"] for m in client.get_model_repository_index()] == ["cifar10", "cifar10-sds"]
        by_http = check(tritonclient.http, client, picture, label)
        image = tritonclient.http.InferInput("image", [1], "BYTES")
        image.set_data_from_numpy(np.array([picture], dtype=np.object_))
        for how in ("gzip", "deflate"):
            a = client.infer("cifar10-sds", [image], request_compression_algorithm=how)
            assert a.as_numpy("labels")[0][0].decode() == label
        async_answers = [client.async_infer("cifar10-sds", [image]) for _ in range(4)]
        assert all(r.get_result().as_numpy("labels")[0][0].decode() == label for r in async_answers)
    with tritonclient.grpc.InferenceServerClient(grpc) as client:
        assert client.get_server_metadata().name == "riffle"
        assert client.get_model_metadata("cifar10-sds").inputs[0].name == "input"
        assert [m.name for m in client.get_model_repository_index().models] == ["cifar10", "cifar10-sds"]
        by_grpc = check(tritonclient.grpc, client, picture, label)
    assert np.array_equal(by_http, by_grpc)
    print("tritonclient: all answers are as they should be")


main(*sys.argv[1:])

"""The protocol of shufflebench's peers, for peers in Python; ../README.md describes it.

A peer is a class with these methods. Each gets the request, a dict.

    prepare(q) optional: what must be done before, and is not part of the time of loading
    load(q)    reads q["model"] for inputs of q["shape"] and q["threads"] threads,
               and returns {"name": ..., "version": ...}
    feed(x)    keeps x, a float32 array of that shape, as the input of all runs
    once()     runs on that input once, and returns nothing
    outputs()  returns the outputs of the last run, a list of arrays
    classify(q) optional: from the files q["files"] to {"classes": [...], "ns": [...]}
"""

import base64
import json
import os
import sys
import time

import numpy

try:
    import resource
except ImportError:  # Windows has none
    resource = None

# What a library prints, from C++ too, must not get among the answers: it goes to
# standard error.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def load(peer, q):
    if hasattr(peer, "prepare"):
        peer.prepare(q)
    begin = time.perf_counter_ns()
    answer = peer.load(q)
    return {**answer, "ns": [time.perf_counter_ns() - begin]}


def run(peer, q):
    shape = peer.shape
    peer.feed(numpy.frombuffer(base64.b64decode(q["input"]), dtype="<f4").reshape(shape).astype(numpy.float32, order="C"))
    begin = time.perf_counter_ns()
    peer.once()
    ns = time.perf_counter_ns() - begin
    # Sample after sample, each with all its outputs.
    flat = numpy.concatenate([numpy.asarray(y).reshape(shape[0], -1) for y in peer.outputs()], 1)
    return {"ns": [ns], "output": base64.b64encode(flat.astype("<f4").tobytes()).decode()}


def timed(peer, q):
    once, clock = peer.once, time.perf_counter_ns
    for _ in range(q.get("warm", 0)):
        once()
    ns = []
    for _ in range(q["n"]):
        begin = clock()
        once()
        ns.append(clock() - begin)
    return {"ns": ns}


def classify(peer, q):
    if not hasattr(peer, "classify"):
        raise ValueError("this peer takes tensors, not pictures")
    begin = time.perf_counter_ns()
    answer = peer.classify(q)
    return {**answer, "elapsed_ns": time.perf_counter_ns() - begin}


OPERATIONS = {"load": load, "run": run, "time": timed, "classify": classify}


def peak_rss():
    if resource is None:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def serve(peer):
    """Answers the requests on standard input until the request "quit" or its end."""
    for line in sys.stdin:
        q = json.loads(line)
        if q["op"] == "quit":
            return
        try:
            if q["op"] not in OPERATIONS:
                raise ValueError(f"got operation {q['op']!r}, want {', '.join(OPERATIONS)} or quit")
            if q["op"] == "load":
                peer.shape = q["shape"]
            answer = {"ok": True, **OPERATIONS[q["op"]](peer, q)}
        except Exception as e:
            answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
        answer["peak_rss"] = peak_rss()
        print(json.dumps(answer), file=answers, flush=True)

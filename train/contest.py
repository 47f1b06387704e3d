"""Times of a network in riffle and in other engines, by shufflebench, and the table that they make: see classifiers.py."""

import json
import math
import subprocess
import tempfile
from pathlib import Path


def times(bench, onnx, peers, rounds, benchtime, isa):
    """Engine -> milliseconds on one thread: median, best, to load. An engine that fails is left out, with its reason in "failed".

    Each peer is measured by itself, interleaved with riffle, so that one that cannot run the network takes no other's
    time with it. riffle's own times are of the first run.
    """
    found, failed = {}, {}
    for peer in peers or [None]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.json"
            command = [bench, "-model", onnx, "-threads", "1", "-rounds", rounds, "-benchtime", benchtime, "-o", out]
            command += ["-isa", isa] if isa else []
            command += ["-peer", peer] if peer else []
            done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=1800)
            rows = json.loads(out.read_text())["rows"] if out.exists() else []
        engines = {r["engine"]: {k: round(r[f"{k}_ns"] / 1e6, 3) for k in ("p50", "min", "load")} for r in rows}
        if "riffle" not in engines:
            raise ValueError((done.stderr.strip().splitlines() or [f"shufflebench: exit status {done.returncode}"])[-1])
        mine = engines.pop("riffle")
        found.setdefault("riffle", mine)
        if peer and not engines:
            failed[peer] = (done.stderr.strip().splitlines() or ["no row"])[-1][:300]
        for name, t in engines.items():
            found[name] = {**t, "beside": mine["min"]}
    return {**found, "failed": failed} if failed else found


def ratio(times, name):
    """How many times as long an engine takes, by best times of one run."""
    return times[name]["min"] / times[name]["beside"]


def table(rows):
    """Markdown: a line for each network, and the geometric means."""
    engines = sorted({e for r in rows.values() for e in r.get("times", {}) if e not in ("riffle", "failed")}, key=lambda e: (e != "onnxruntime", e))
    lines = ["| network | error | load | riffle | " + " | ".join(engines) + " |", "|---|---:|---:|---:|" + "---:|" * len(engines)]
    means = {e: [] for e in engines}
    for name, r in rows.items():
        if "refused" in r:
            lines.append(f"| {name} | refused: {r['refused']} | | |" + " |" * len(engines))
            continue
        t = r.get("times", {})
        cells = [f"{r['error']:.0e}"]
        cells += [f"{t['riffle']['load']:.0f}", f"{t['riffle']['min']:.2f}"] if t else ["", ""]
        for e in engines:
            if e in t:
                means[e].append(ratio(t, e))
                cells.append(f"{t[e]['min']:.2f} ({means[e][-1]:.2f})")
            else:
                cells.append("-")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    mean = lambda v: f"**{math.exp(sum(map(math.log, v)) / len(v)):.2f}** of {len(v)}" if v else "-"  # noqa: E731
    lines.append("| geometric mean of the ratios | | | | " + " | ".join(mean(means[e]) for e in engines) + " |")
    return "\n".join(lines)

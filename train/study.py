"""Many trainings from one plan, some at a time, and the table of their results.

A plan is a JSON object:

    {"common": {"epochs": 30, "lr": 0.2},            settings of `fit` for every run
     "datasets": ["cifar10"], "seeds": [1, 2, 3],
     "networks": {"v2-0.5 static": {"model": "shufflenet_v2", "width": 0.5}, ...}}

Every network is trained on every data set with every seed. A run that was
stopped goes on where its last epoch ended, a run that is finished is left
alone: the same command, given again, completes the study.
"""

import csv
import json
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path

from . import data, export, fit, folder, memory, models, networks, routes, shuffle, table
from .settings import Settings as Base
from .settings import flag, natural, option, positive
from .stats import interval, spread


@dataclass
class Settings(Base):
    plan: str = option(None, "a JSON file; see train/study.py", required=True)
    data: str = option(None, "directory of the data sets; not for --report-only")
    out: str = option(None, "directory for a directory per run", required=True)
    jobs: int = option(1, "trainings at a time", natural)
    minutes: float = option(None, "stop after so long; the same command goes on", positive)
    only: str = option(None, "only runs whose directory matches this regular expression")
    report_only: bool = flag("train nothing, print the table")
    infer: str = option(None, "the program infer, for the table's file sizes")
    device: str = option("cpu", "PyTorch's name of the device")


class Run:
    """One training of a plan: its settings, its folder, how far it is."""

    def __init__(self, network, dataset, seed, settings, out):
        self.network, self.dataset, self.seed, self.settings = network, dataset, seed, settings
        slug = re.sub(r"[^a-z0-9.]+", "-", f"{network} {dataset} s{seed}".lower())
        self.folder = Path(out) / slug

    def history(self):
        """The rows of its log, as text by column."""
        log = self.folder / "log.csv"
        if not log.exists():
            return []
        with open(log, newline="") as file:
            return list(csv.DictReader(file))

    @property
    def finished(self):
        return len(self.history()) >= self.settings["epochs"]

    def routes(self, data_folder=None):
        """What its dynamic shuffles do, of routes.measure; None for a network without. Measured once, kept in its folder."""
        path = self.folder / "routes.json"
        if not path.exists() and data_folder:
            network = networks.from_checkpoint(self.folder / "last.pt")
            result = routes.measure(network, data_folder, self.dataset) if routes.layers(network.model) else None
            path.write_text(json.dumps(result))
        return json.loads(path.read_text()) if path.exists() else None

    def command(self, data_folder, device):
        words = [sys.executable, "-m", "train", "fit", "--resume", "--data", data_folder, "--out", str(self.folder)]
        words += ["--dataset", self.dataset, "--seed", str(self.seed), "--device", device]
        for key, value in self.settings.items():
            flag = "--" + key.replace("_", "-")
            if value is True:
                words.append(flag)
            elif value is not False:
                words += [flag, ",".join(map(str, value)) if isinstance(value, list) else str(value)]
        return words


def read(path, out):
    """The runs of a plan: seed by seed, so that a study cut short has compared like with like."""
    try:
        plan = json.loads(Path(path).read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    wanted = ("datasets", "seeds", "networks")
    if not isinstance(plan, dict) or any(key not in plan for key in wanted):
        raise ValueError(f"{path}: got {sorted(plan) if isinstance(plan, dict) else type(plan).__name__}, want {', '.join(wanted)}")
    unknown = set(plan) - {"common", "datasets", "seeds", "networks"}
    if unknown:
        raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
    runs = []
    for seed in plan["seeds"]:
        for dataset in plan["datasets"]:
            if dataset not in data.names():
                raise ValueError(f"{path}: unknown data set {dataset!r}: want one of {', '.join(data.names())}")
            for network, settings in plan["networks"].items():
                settings = {**plan.get("common", {}), **settings}
                for key in ("model", "epochs"):
                    if key not in settings:
                        raise ValueError(f"{path}: network {network!r} has no {key}")
                known = {field.name for field in fields(fit.Settings)}
                for key in settings:
                    if key.replace("-", "_") not in known:
                        raise ValueError(f"{path}: network {network!r}: `train fit` has no setting {key!r}")
                runs.append(Run(network, dataset, seed, settings, out))
    return runs


def train(runs, jobs, data_folder, device, deadline):
    """Runs what is not finished, jobs at a time; stops them all at the deadline (seconds since the epoch, or None)."""
    waiting = [run for run in runs if not run.finished]
    active, failed = {}, []
    try:
        while waiting or active:
            while waiting and len(active) < jobs:
                run = waiting.pop(0)
                run.folder.mkdir(parents=True, exist_ok=True)
                words = run.command(data_folder, device)
                print(f"start {shlex.join(words)}", flush=True)
                with open(run.folder / "output.txt", "a") as output:
                    active[run] = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, env=memory.environment())
            time.sleep(0.5)
            for run, process in list(active.items()):
                if process.poll() is None:
                    continue
                del active[run]
                if process.returncode:
                    failed.append(run)
                last = run.history()[-1:] or [{"top1": "nothing"}]
                if run.finished:
                    run.routes(data_folder)
                print(f"end   {run.folder}: status {process.returncode}, top-1 {last[0]['top1']}", flush=True)
            if deadline and time.time() > deadline:
                print("out of time: give the command again to go on", flush=True)
                return failed
    finally:
        for process in active.values():
            process.terminate()
        for process in active.values():
            process.wait()
    return failed


def file_size(model, side, infer):
    """Bytes of the network's float16 file for pictures of side x side, as the program infer converts it."""
    with tempfile.TemporaryDirectory() as scratch:
        export.onnx(shuffle.fold(model), f"{scratch}/net.onnx", side)
        words = [infer, "convert", f"{scratch}/net.onnx", "-o", f"{scratch}/net.rfl", "-f16"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return Path(f"{scratch}/net.rfl").stat().st_size


def size(dataset, settings, data_folder, infer):
    """A report's cells: parameters, multiply-adds, and with infer the file's bytes; empty where a directory's classes are not known."""
    if dataset == data.FOLDER:
        side, classes = settings.get("side", fit.Settings.side), len(folder.classes(data_folder)) if data_folder else 0
    else:
        side, classes = 32 // data.DATASETS[dataset].box, data.DATASETS[dataset].classes
    if not classes:
        return [""] * (3 if infer else 2)
    chosen = fit.Settings(**{k: v for k, v in settings.items() if k in (*models.SETTINGS, "model")})
    model = models.build(chosen.model, **chosen.network(classes))
    return [f"{v:,}" for v in (*table.count(model, side), *([file_size(model, side, infer)] if infer else []))]


def report(runs, infer=None, data_folder=None):
    """Markdown: a row for each network and data set, over the finished seeds.

    top-1 is the last epoch's; frozen and what follows are routes.measure's, means over the layers.
    """
    head = ["data", "network", "parameters", "MACs"] + ["float16 file"] * bool(infer)
    head += ["top-1 %", "frozen %", "valid argmax %", "distinct", "most frequent %", "seeds", "epochs"]
    lines = ["| " + " | ".join(head) + " |", "| --- | --- |" + " ---: |" * (len(head) - 2)]
    groups = {}
    for run in runs:
        groups.setdefault((run.dataset, run.network), []).append(run)
    for (dataset, network), members in groups.items():
        settings = members[0].settings
        row = [dataset, network, *size(dataset, settings, data_folder, infer)]
        done = [run for run in members if run.finished]
        found = [r for r in (run.routes() for run in done) if r]
        layers = [layer for r in found for layer in r["layers"]]
        row += [spread([float(run.history()[-1]["top1"]) for run in done]), spread([r["frozen"] for r in found])]
        row.append(spread([statistics.mean(v["valid"] for v in r["layers"]) for r in found], "{:.1f}"))
        distinct = sorted(layer["distinct"] for layer in layers)
        row.append(f"{distinct[0]:,} to {distinct[-1]:,}" if distinct else "")
        row.append(spread([statistics.mean(v["usual"] for v in r["layers"]) for r in found], "{:.1f}"))
        row += [" ".join(str(run.seed) for run in done), str(settings["epochs"])]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def differences(runs):
    """Markdown: each network less the first of the plan, seed by seed, where both are finished; "" where no two seeds are.

    Means with 95 % intervals. Networks that share a seed share their batches and augmentation. A network that was soft
    when it was tested has a second row, for its soft evaluation.
    """
    lines = []
    for dataset in dict.fromkeys(run.dataset for run in runs):
        found = {}
        for run in runs:
            if run.dataset == dataset and run.finished:
                last = run.history()[-1]
                found.setdefault(run.network, {})[run.seed] = float(last["top1"])
                if last.get("soft_top1") and run.settings.get("soft") == 1:
                    found.setdefault(f"{run.network}, evaluated soft", {})[run.seed] = float(last["soft_top1"])
        first = next((run.network for run in runs if run.dataset == dataset), None)
        base = found.pop(first, {})
        for network, values in found.items():
            seeds = sorted(values.keys() & base.keys())
            if len(seeds) > 1:
                mean, half = interval([values[s] - base[s] for s in seeds])
                lines.append(f"| {dataset} | {network} | {first} | {mean:+.2f} ± {half:.2f} | {' '.join(map(str, seeds))} |")
    if not lines:
        return ""
    head = ["| data | network | less | difference of top-1 % | seeds |", "| --- | --- | --- | ---: | ---: |"]
    return "\n".join(head + lines) + "\n"


def study(settings):
    """`train study`: what is missing of a plan, then its table."""
    runs = read(settings.plan, settings.out)
    if settings.only:
        runs = [run for run in runs if re.search(settings.only, str(run.folder))]
    if not settings.data and not settings.report_only:
        raise ValueError("no --data: it is for --report-only alone to leave it out")
    deadline = time.time() + 60 * settings.minutes if settings.minutes else None
    failed = []
    if not settings.report_only:
        failed = train(runs, settings.jobs, settings.data, settings.device, deadline)
    print("\n".join(filter(None, (report(runs, settings.infer, settings.data), differences(runs)))))
    if failed:
        raise ValueError(f"{len(failed)} runs failed; see output.txt in " + ", ".join(str(run.folder) for run in failed))

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
import time
from pathlib import Path

from . import data, models, table


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
    with open(path) as file:
        plan = json.load(file)
    unknown = set(plan) - {"common", "datasets", "seeds", "networks"}
    if unknown:
        raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
    runs = []
    for seed in plan["seeds"]:
        for dataset in plan["datasets"]:
            if dataset not in data.DATASETS:
                raise ValueError(f"{path}: unknown data set {dataset!r}: want one of {', '.join(data.DATASETS)}")
            for network, settings in plan["networks"].items():
                settings = {**plan.get("common", {}), **settings}
                for key in ("model", "epochs"):
                    if key not in settings:
                        raise ValueError(f"{path}: network {network!r} has no {key}")
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
                    active[run] = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)
            time.sleep(0.5)
            for run, process in list(active.items()):
                if process.poll() is None:
                    continue
                del active[run]
                if process.returncode:
                    failed.append(run)
                last = run.history()[-1:] or [{"top1": "nothing"}]
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


def report(runs):
    """Markdown: a row for each network and data set, top-1 of the last epoch over the finished seeds."""
    lines = ["| data | network | parameters | MACs | top-1 %, mean | deviation | seeds | epochs |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: |")
    groups = {}
    for run in runs:
        groups.setdefault((run.dataset, run.network), []).append(run)
    for (dataset, network), members in groups.items():
        settings = members[0].settings
        chosen = {k: settings[k] for k in models.SETTINGS if k in settings}
        chosen.setdefault("form", "cifar")
        model = models.build(settings["model"], classes=data.DATASETS[dataset].classes, **chosen)
        parameters, macs = table.count(model, 32)
        done = [(run.seed, float(run.history()[-1]["top1"])) for run in members if run.finished]
        top1 = [value for _, value in done]
        mean = f"{statistics.mean(top1):.2f}" if top1 else ""
        deviation = f"{statistics.stdev(top1):.2f}" if len(top1) > 1 else ""
        seeds = " ".join(str(seed) for seed, _ in done)
        lines.append(
            f"| {dataset} | {network} | {parameters:,} | {macs:,} | {mean} | {deviation} | {seeds} | {settings['epochs']} |"
        )
    return "\n".join(lines) + "\n"


def study(settings):
    """`train study`: what is missing of a plan, then its table."""
    runs = read(settings["plan"], settings["out"])
    if settings["only"]:
        runs = [run for run in runs if re.search(settings["only"], str(run.folder))]
    deadline = time.time() + 60 * settings["minutes"] if settings["minutes"] else None
    failed = []
    if not settings["report_only"]:
        failed = train(runs, settings["jobs"], settings["data"], settings["device"], deadline)
    print(report(runs))
    if failed:
        raise ValueError(f"{len(failed)} runs failed; see output.txt in " + ", ".join(str(run.folder) for run in failed))

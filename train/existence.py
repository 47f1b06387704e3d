"""`train existence`: whether a dynamic shuffle learns a task on which routing pays, and with which recipe.

Three arms read the pictures of a task of tasks.py: behind a static shuffle, which meets every hidden
state at once; behind a dynamic shuffle; and behind the inverse of the true state, the oracle.
"""

import csv
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from . import shuffle
from .optimize import harden
from .progress import Progress
from .settings import Settings as Base
from .settings import flag, natural, option, refuse, share
from .stats import interval
from .tasks import TASKS

# Of a dynamic shuffle: share of the learning rate that the generator gets, share of the steps while soft.
RECIPES = {
    "dynamic": (3.0, 0.8),
    "dynamic, soft, rate 1": (1.0, 0.8),
    "dynamic, soft, rate 0.3": (0.3, 0.8),
    "dynamic, soft, rate 0.1": (0.1, 0.8),
    "dynamic, hard, rate 3": (3.0, 0.0),
    "dynamic, hard, rate 1": (1.0, 0.0),
    "dynamic, hard, rate 0.1": (0.1, 0.0),
}
ARMS = ("static", "oracle", *RECIPES)


def states(text):
    """"1,2,4": numbers of hidden states."""
    try:
        values = tuple(int(v) for v in text.split(","))
    except ValueError:
        values = ()
    if not values or min(values) < 1:
        refuse(text, "whole numbers, 1 or more, with commas between them")
    return values


@dataclass
class Settings(Base):
    out: str = option(None, "directory for existence-TASK.csv and .png", required=True)
    task: str = option("templates", "the pictures", choices=sorted(TASKS))
    data: str = option(None, "directory of CIFAR-10, for the task of pictures")
    seeds: int = option(5, "repetitions, seeds 1 and up", natural)
    steps: int = option(1500, "training steps", natural)
    batch: int = option(128, "pictures a step", natural)
    states: tuple = option((1, 2, 4, 8, 16, 32), "numbers of hidden states", states)
    soft: float = option(0.8, "share of the steps while the arm `dynamic` is soft", share)
    recipes: int = option(8, "the number of hidden states for which all recipes are compared", natural)
    only_arms: bool = flag("compare no recipes")
    plot_only: bool = flag("print the table and draw the figure from the .csv")


def train(arm, count, seed, settings):
    """The accuracy in percent, evaluated hard on test pictures, of an arm trained with count hidden states."""
    torch.manual_seed(seed)
    task = TASKS[settings.task](seed, count, settings.data)
    rate, soft = RECIPES.get(arm, (0.0, 0.0))
    soft = settings.soft if arm == "dynamic" else soft
    shuffle.Generator.identity, shuffle.Generator.spread = 0.0, 1.0
    model = task.reader(arm in RECIPES)
    own = list(model[0].parameters())
    groups = [{"params": model[1:].parameters()}, *([{"params": own, "lr": 3e-3 * rate}] if own else [])]
    optimizer = torch.optim.Adam(groups, lr=3e-3)
    rates = [group["lr"] for group in optimizer.param_groups]
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, settings.steps, pct_start=0.1, cycle_momentum=False)
    model.train()
    for step, (x, y, s) in enumerate(task.batches(settings.steps, settings.batch)):
        harden(model, step, settings.steps, soft, (1.0, 0.05))
        loss = nn.functional.cross_entropy(model(task.undo(x, s) if arm == "oracle" else x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        plan.step()
    model.eval()
    x, y, s = task.test()
    with torch.no_grad():
        outputs = model(task.undo(x, s) if arm == "oracle" else x)
    return 100 * (outputs.argmax(1) == y).float().mean().item()


def read(path):
    """Accuracies: {(arm, states): {seed: top-1}}."""
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["arm"], int(row["states"])), {})[int(row["seed"])] = float(row["top1"])
    return found


def table(found):
    """Markdown: means with intervals, and the paired differences from the static shuffle."""
    numbers = sorted({count for _, count in found})
    lines = ["| shuffle | " + " | ".join(f"{n} states" for n in numbers) + " |", "| --- |" + " ---: |" * len(numbers)]

    def row(name, cells, form):
        if any(len(values) > 1 for values in cells):
            texts = [form.format(*interval(values)) if len(values) > 1 else "" for values in cells]
            lines.append(f"| {name} | " + " | ".join(texts) + " |")

    for arm in ARMS:
        row(arm, [list(found.get((arm, n), {}).values()) for n in numbers], "{:.2f} ± {:.2f}")
    for arm in RECIPES:
        pairs = [(found.get((arm, n), {}), found.get(("static", n), {})) for n in numbers]
        row(f"{arm}, less static", [[a[s] - b[s] for s in sorted(a.keys() & b.keys())] for a, b in pairs], "{:+.2f} ± {:.2f}")
    return "\n".join(lines)


def plot(found, out, title):
    """Accuracy against the number of hidden states, with intervals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    for arm, marker in (("oracle", "s"), ("dynamic", "o"), ("static", "^")):
        numbers = sorted(n for a, n in found if a == arm and len(found[a, n]) > 1)
        means, widths = zip(*(interval(list(found[arm, n].values())) for n in numbers))
        axes.errorbar(range(len(numbers)), means, widths, marker=marker, capsize=3, label=arm)
        axes.set_xticks(range(len(numbers)), numbers)
    axes.set(xlabel="hidden states", ylabel="top-1 on test pictures, %")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", title="shuffle")
    figure.savefig(out, dpi=110)


def existence(settings):
    """Trains every arm that the .csv lacks, prints the table and draws the figure."""
    if settings.task == "pictures" and not settings.data and not settings.plot_only:
        raise ValueError("--task pictures wants --data, the directory of CIFAR-10")
    out = Path(settings.out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"existence-{settings.task}.csv"
    done = set()
    if path.exists():
        with open(path, newline="") as file:
            done = {(int(row["seed"]), int(row["states"]), row["arm"]) for row in csv.DictReader(file)}
    elif not settings.plot_only:
        path.write_text("arm,states,seed,top1,seconds\n")
    wanted = []
    for seed in range(1, settings.seeds + 1):
        wanted += [(seed, n, arm) for n in settings.states for arm in ("static", "dynamic", "oracle")]
        wanted += [(seed, settings.recipes, arm) for arm in ARMS[3:] if not settings.only_arms]
    wanted = [] if settings.plot_only else [run for run in wanted if run not in done]
    progress = Progress(len(wanted), "training", every=30)
    for k, (seed, count, arm) in enumerate(wanted):
        start = time.time()
        top1 = train(arm, count, seed, settings)
        with open(path, "a", newline="") as file:
            csv.writer(file).writerow([arm, count, seed, f"{top1:.2f}", f"{time.time() - start:.1f}"])
        progress.update(k + 1)
    found = read(path)
    print(table(found))
    counts = sorted(len(v) for v in found.values() if len(v) > 1)
    if counts:
        seeds = str(counts[-1]) if counts[0] == counts[-1] else f"{counts[0]} to {counts[-1]}"
        plot(found, path.with_suffix(".png"), f"Task of {settings.task}: means of {seeds} seeds, 95 % intervals")

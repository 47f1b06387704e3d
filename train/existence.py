"""`train existence`: a task made so that routing pays, and whether a dynamic shuffle learns it.

Pictures have 16 channels of 6 x 6 pixels: the template of one of 10 classes, noise, and an offset of
each channel's own. Then their channels are permuted by one of some hidden states, each a permutation
that a dynamic shuffle of 4 x 4 can undo. The state shows in the channels' means and tells nothing
about the class. A linear classifier reads the pictures: behind a static shuffle (it meets every state
at once), behind a dynamic shuffle, and behind the inverse of the true state (the oracle).
"""

import csv
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from . import permute, shuffle
from .optimize import harden
from .progress import Progress
from .settings import Settings as Base
from .settings import flag, natural, option

A = B = 4
CHANNELS, SIDE, CLASSES = A * B, 6, 10
NOISE = 4.0  # the templates' deviation is 1
OFFSET = 1.0  # the largest mean of a channel

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


@dataclass
class Settings(Base):
    out: str = option(None, "directory for existence.csv and existence.png", required=True)
    seeds: int = option(5, "repetitions, seeds 1 and up", natural)
    steps: int = option(1500, "training steps", natural)
    batch: int = option(128, "pictures a step", natural)
    states: str = option("1,2,4,8,16,32", "numbers of hidden states, with commas between them")
    recipes: int = option(8, "the number of hidden states for which all recipes are compared", natural)
    plot_only: bool = flag("draw the figure from existence.csv")


class Task:
    """The templates, offsets and hidden states of a seed, and pictures of them."""

    def __init__(self, seed, states):
        self.random = torch.Generator().manual_seed(seed)
        self.templates = torch.randn(CLASSES, CHANNELS, SIDE, SIDE, generator=self.random)
        self.templates -= self.templates.mean((2, 3), keepdim=True)  # means tell the state alone
        self.offsets = torch.linspace(-OFFSET, OFFSET, CHANNELS)[torch.randperm(CHANNELS, generator=self.random)]
        # State 0 is the identity: with one state alone the static shuffle is right.
        sigma = torch.stack([torch.arange(A)] + [torch.randperm(A, generator=self.random) for _ in range(states - 1)])
        tau = torch.stack([torch.arange(B)] + [torch.randperm(B, generator=self.random) for _ in range(states - 1)])
        self.states = permute.inputs_of(sigma[:, None], tau[:, None])  # [states, channels]

    def batch(self, count):
        """(pictures, classes, states)."""
        y = torch.randint(CLASSES, (count,), generator=self.random)
        s = torch.randint(len(self.states), (count,), generator=self.random)
        x = self.templates[y] + NOISE * torch.randn(count, CHANNELS, SIDE, SIDE, generator=self.random)
        x = x + self.offsets[:, None, None]
        return permuted(x, self.states[s]), y, s


def permuted(x, inputs):
    """Channels [B, C, H, W] by [B, C]."""
    return x.gather(1, inputs[:, :, None, None].expand_as(x))


class Reader(nn.Module):
    """A linear classifier behind a shuffle, or behind none."""

    def __init__(self, dynamic):
        super().__init__()
        self.shuffle = shuffle.DynamicShuffle(CHANNELS, 1, factors=(A, B)) if dynamic else nn.Identity()
        self.fc = nn.Linear(CHANNELS * SIDE * SIDE, CLASSES)

    def forward(self, x):
        return self.fc(self.shuffle(x).flatten(1))


def train(arm, states, seed, settings):
    """The accuracy in percent of a trained arm on 10,000 new pictures; with evaluation hard."""
    torch.manual_seed(seed)
    task = Task(seed, states)
    rate, soft = RECIPES.get(arm, (0.0, 0.0))
    shuffle.Generator.identity, shuffle.Generator.spread = 0.0, 1.0
    model = Reader(arm in RECIPES)
    own = list(model.shuffle.parameters())
    groups = [{"params": model.fc.parameters()}, *([{"params": own, "lr": 3e-3 * rate}] if own else [])]
    optimizer = torch.optim.Adam(groups, lr=3e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in optimizer.param_groups], settings.steps, pct_start=0.1, cycle_momentum=False
    )

    def pictures(count):
        x, y, s = task.batch(count)
        return (permuted(x, task.states[s].argsort(1)) if arm == "oracle" else x), y

    for step in range(settings.steps):
        harden(model, step, settings.steps, soft, (1.0, 0.05))
        x, y = pictures(settings.batch)
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        plan.step()
    model.eval()
    x, y = pictures(10000)
    with torch.no_grad():
        return 100 * (model(x).argmax(1) == y).float().mean().item()


def interval(values):
    """(mean, half the width of the 95 % interval by Student's t) of 2 to 10 values."""
    t = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)[len(values) - 2]
    return statistics.mean(values), t * statistics.stdev(values) / len(values) ** 0.5


def read(path):
    """Accuracies by (arm, states)."""
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["arm"], int(row["states"])), []).append(float(row["top1"]))
    return found


def plot(path, out):
    """Accuracy against the number of hidden states, with intervals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = read(path)
    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    for arm, marker in (("oracle", "s"), ("dynamic", "o"), ("static", "^")):
        states = sorted(s for a, s in found if a == arm)
        means, widths = zip(*(interval(found[arm, s]) for s in states))
        axes.errorbar(range(len(states)), means, widths, marker=marker, capsize=3, label=arm)
        axes.set_xticks(range(len(states)), states)
    axes.set(xlabel="hidden states (logarithmic)", ylabel="top-1 on new pictures, %")
    axes.set_title("A linear classifier behind a shuffle; 5 seeds, 95 % intervals", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(title="shuffle")
    figure.savefig(out, dpi=110)


def existence(settings):
    """Trains every arm, goes on where a file of results ends, prints the table and draws the figure."""
    out = Path(settings.out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "existence.csv"
    numbers = [int(v) for v in settings.states.split(",")]
    wanted = [(seed, s, arm) for seed in range(1, settings.seeds + 1) for s in numbers for arm in ("static", "dynamic", "oracle")]
    wanted += [(seed, settings.recipes, arm) for seed in range(1, settings.seeds + 1) for arm in ARMS[3:]]
    if not settings.plot_only:
        done = set()
        if path.exists():
            with open(path, newline="") as file:
                done = {(int(row["seed"]), int(row["states"]), row["arm"]) for row in csv.DictReader(file)}
        else:
            path.write_text("arm,states,seed,top1,seconds\n")
        progress = Progress(len(wanted), "training", every=30)
        for k, (seed, states, arm) in enumerate(wanted):
            if (seed, states, arm) not in done:
                start = time.time()
                top1 = train(arm, states, seed, settings)
                with open(path, "a", newline="") as file:
                    csv.writer(file).writerow([arm, states, seed, f"{top1:.2f}", f"{time.time() - start:.1f}"])
            progress.update(k + 1)
    found = read(path)
    print("| shuffle | " + " | ".join(f"{s} states" for s in numbers) + " |\n| --- |" + " ---: |" * len(numbers))
    for arm in ARMS:
        cells = [("{:.2f} ± {:.2f}".format(*interval(found[arm, s])) if len(found.get((arm, s), [])) > 1 else "") for s in numbers]
        print(f"| {arm} | " + " | ".join(cells) + " |")
    plot(path, out / "existence.png")

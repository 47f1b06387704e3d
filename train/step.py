"""How long a training step takes, what share of the core's peak that is, and how much of it is the exact assignment."""

import statistics
import time
from dataclasses import dataclass

import torch
from torch import nn

from . import assign, memory, models, shuffle
from .fit import Settings as FitSettings
from .networks import NetworkSettings
from .optimize import Optimizers, update
from .settings import flag, natural, option, weight
from .table import count


@dataclass
class Settings(NetworkSettings):
    form: str = option("cifar", "stem: for 224 or for 32 pixels", choices=["imagenet", "cifar"])
    side: int = option(32, "height and width of the pictures", natural)
    batch: int = option(128, "pictures a step", natural)
    muon: float = option(0.0, "0: SGD alone; else Muon for the convolutions", weight)
    bf16: bool = flag("autocast to bfloat16")
    device: str = option("cpu", "PyTorch's name of the device")
    steps: int = option(20, "measured; three come before", natural)


class Clocked:
    """A function that adds up the seconds it took; on a GPU it waits for what it began."""

    def __init__(self, function, wait):
        self.function, self.wait, self.seconds = function, wait, 0.0

    def __call__(self, *arguments):
        self.wait()
        start = time.perf_counter()
        result = self.function(*arguments)
        self.wait()
        self.seconds += time.perf_counter() - start
        return result


def measure(model, settings):
    """Seconds of each step on pictures of noise, and of the assignments in it: two lists. settings: a Settings.

    The pictures differ as normalised ones do, so that generators choose different permutations.
    Not for use beside another training in this process: it replaces assign.solve_any meanwhile.
    """
    device, batch, side = torch.device(settings.device), settings.batch, settings.side
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    model = model.to(device, memory_format=torch.channels_last).train()
    shuffle.set_mode(model, True, 1.0)
    recipe = FitSettings(lr=0.01, muon=settings.muon, bf16=settings.bf16)
    optimizers = Optimizers(model, recipe)
    optimizers.rate(1.0)
    x = torch.randn(batch, 3, side, side, device=device) + torch.randn(batch, 3, 1, 1, device=device)
    y = torch.arange(batch, device=device) % 10
    whole, assigning = [], []
    plain = assign.solve_any
    assign.solve_any = clocked = Clocked(plain, wait)
    try:
        for _ in range(settings.steps):
            clocked.seconds = 0.0
            wait()
            start = time.perf_counter()
            update(model, optimizers, nn.functional.cross_entropy, x, y, recipe)
            wait()
            whole.append(time.perf_counter() - start)
            assigning.append(clocked.seconds)
    finally:
        assign.solve_any = plain
    return whole, assigning


def peak(kind, device="cpu", size=1024, rounds=12):
    """Multiply-adds a second of the best of some products of two matrices of this type: what the library reaches at most."""
    a, b = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
    wait = torch.cuda.synchronize if torch.device(device).type == "cuda" else lambda: None
    best = float("inf")
    for _ in range(rounds):
        wait()
        start = time.perf_counter()
        a @ b
        wait()
        best = min(best, time.perf_counter() - start)
    return size**3 / best


def step(settings):
    """`train step`: medians and minima in milliseconds, and the share of the peak.

    A step is counted as three times the multiply-adds of the network's evaluation: forward, and
    backward to inputs and to weights. The peak is that of a product of large matrices in the same type.
    """
    memory.keep()
    torch.manual_seed(0)
    model = models.build(settings.model, **settings.network(10))
    macs = 3 * settings.batch * count(model, settings.side)[1]
    settings.steps += 3
    whole, assigning = (v[3:] for v in measure(model, settings))
    print(f"step        {1e3 * statistics.median(whole):7.1f} ms, least {1e3 * min(whole):7.1f}")
    print(f"assignment  {1e3 * statistics.median(assigning):7.1f} ms, least {1e3 * min(assigning):7.1f}")
    print(f"share       {100 * statistics.median(a / w for a, w in zip(assigning, whole)):7.1f} % of a step")
    rate = macs / statistics.median(whole)
    kinds = {"float32": torch.float32, **({"bfloat16": torch.bfloat16} if settings.bf16 else {})}
    for name, kind in kinds.items():
        most = peak(kind, settings.device)
        print(f"arithmetic  {2e-9 * rate:7.1f} GFLOP/s, {100 * rate / most:.1f} % of a {name} matrix product's {2e-9 * most:.1f}")

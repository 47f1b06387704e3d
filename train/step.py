"""How long a training step takes, and how much of it the exact assignment of hard permutations."""

import statistics
import time

import torch
from torch import nn

from . import assign, memory, models, shuffle
from .fit import parameter_groups, update


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


def measure(model, side, batch, steps, device="cpu", bf16=False):
    """Seconds of each step on pictures of noise, and of the assignments in it: two lists.

    The pictures differ as normalised ones do, so that generators choose different permutations.
    Not for use beside another training in this process: it replaces assign.solve_any meanwhile.
    """
    device = torch.device(device)
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    model = model.to(device, memory_format=torch.channels_last).train()
    shuffle.set_mode(model, True, 1.0)
    optimizer = torch.optim.SGD(parameter_groups(model, 5e-4, 0.1), lr=0.01, momentum=0.9, nesterov=True)
    settings = {"bf16": bf16, "orthogonal": 0, "diversity": 0, "by_class": 0}
    x = torch.randn(batch, 3, side, side, device=device) + torch.randn(batch, 3, 1, 1, device=device)
    y = torch.arange(batch, device=device) % 10
    whole, assigning = [], []
    plain = assign.solve_any
    assign.solve_any = clocked = Clocked(plain, wait)
    try:
        for _ in range(steps):
            clocked.seconds = 0.0
            wait()
            start = time.perf_counter()
            update(model, optimizer, nn.functional.cross_entropy, x, y, settings)
            wait()
            whole.append(time.perf_counter() - start)
            assigning.append(clocked.seconds)
    finally:
        assign.solve_any = plain
    return whole, assigning


def step(settings):
    """`train step`: medians and minima, in milliseconds."""
    memory.keep()
    torch.manual_seed(0)
    model = models.build(settings["model"], classes=10, **models.given(settings))
    whole, assigning = measure(model, settings["side"], settings["batch"], settings["steps"] + 3, settings["device"], settings["bf16"])
    whole, assigning = whole[3:], assigning[3:]
    print(f"step        {1e3 * statistics.median(whole):7.1f} ms, least {1e3 * min(whole):7.1f}")
    print(f"assignment  {1e3 * statistics.median(assigning):7.1f} ms, least {1e3 * min(assigning):7.1f}")
    print(f"share       {100 * statistics.median(a / w for a, w in zip(assigning, whole)):7.1f} % of a step")

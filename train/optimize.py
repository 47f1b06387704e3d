"""What a step is made of: learning rates, optimizers, the loss, and how hard permutations are by now."""

import math

import torch
from torch import nn

from . import shuffle, terms
from .muon import Muon, turned


def learning_rate(step, steps, warmup, peak, linear=False):
    """Linear from 0 to peak over warmup steps, then down to 0 at steps: half a cosine, or a line."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return peak * (1 - done if linear else 0.5 * (1 + math.cos(math.pi * done)))


def parameter_groups(model, decay, slow=1.0, without=()):
    """Weight decay for matrices and convolutions; none for biases, batch norms and generators.

    slow is the share of the learning rate that generators get; without: parameters that are left out.
    """
    left = {id(p) for p in without}
    generators = [p for g in shuffle.generators(model) for p in g.parameters()]
    left.update(id(p) for p in generators)
    rest = [p for p in model.parameters() if id(p) not in left]
    groups = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": decay, "share": 1.0},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0, "share": 1.0},
    ]
    return groups + ([{"params": generators, "weight_decay": 0.0, "share": slow}] if generators else [])


class Optimizers:
    """SGD with Nesterov momentum, and Muon for convolutions where settings.muon, its peak rate, is not 0."""

    def __init__(self, model, settings):
        self.peak, self.muon_peak = settings.lr, settings.muon
        matrices = turned(model) if settings.muon else []
        groups = parameter_groups(model, settings.weight_decay, settings.slow, [w for w, _ in matrices])
        fused = {"fused": True} if torch.__version__ >= "2.3" else {}
        self.all = [torch.optim.SGD(groups, lr=0.0, momentum=settings.momentum, nesterov=True, **fused)]
        if matrices:
            self.all.append(Muon(matrices, momentum=settings.momentum, bf16=settings.bf16))

    def rate(self, share):
        """Sets the learning rates to a share of their peaks."""
        for optimizer, peak in zip(self.all, (self.peak, self.muon_peak)):
            for group in optimizer.param_groups:
                group["lr"] = share * peak * group.get("share", 1.0)

    def zero_grad(self):
        for optimizer in self.all:
            optimizer.zero_grad(set_to_none=True)

    def step(self):
        for optimizer in self.all:
            optimizer.step()

    def state_dict(self):
        return [optimizer.state_dict() for optimizer in self.all]

    def load_state_dict(self, states):
        if len(states) != len(self.all):
            raise ValueError(f"the checkpoint has the state of {len(states)} optimizers, want {len(self.all)}: give --muon as it was")
        for optimizer, state in zip(self.all, states):
            optimizer.load_state_dict(state)


def harden(model, step, steps, soft, temperature):
    """Sets the generators for this step: soft with a falling temperature, then hard. soft 1: never hard.

    At the first hard step the batch norms start anew, so that their statistics
    come from hard passes alone.
    """
    if not shuffle.generators(model):
        return
    switch = int(soft * steps)
    first, last = temperature
    if step < switch:
        shuffle.set_mode(model, False, first * (last / first) ** (step / switch))
        return
    shuffle.set_mode(model, True, last)
    if step == switch:
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.reset_running_stats()


def update(model, optimizer, loss_function, x, y, settings):
    """One step on pictures x of classes y, at the rates that the optimizer has: (logits, loss).

    settings: what fit.Settings has of bf16, orthogonal, diversity and by_class.
    """
    optimizer.zero_grad()
    x = x.contiguous(memory_format=torch.channels_last)
    # A GPU without bfloat16 refuses it even where autocast is not enabled.
    precision = torch.bfloat16 if settings.bf16 else None
    with torch.autocast(x.device.type, dtype=precision, enabled=precision is not None):
        logits = model(x)
        loss = loss_function(logits, y)
    if settings.orthogonal:
        loss = loss + settings.orthogonal * terms.penalty(model)
    if settings.diversity:
        loss = loss - settings.diversity * terms.information(model)
    if settings.by_class:
        loss = loss - settings.by_class * terms.information(model, y)
    loss.backward()
    optimizer.step()
    return logits, loss

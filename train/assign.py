"""Exact binarization: the permutation with the largest sum of logits, batched.

The rule, which the engine follows too, so that both decode the same logits to
the same permutation, ties included:

1. A NaN counts as -MaxFloat32, infinities as +-MaxFloat32.
2. If the rows' largest entries (the leftmost of equals) are in distinct
   columns, they are the answer.
3. Otherwise shortest augmenting paths (Jonker and Volgenant, 1987) on the costs
   -logit in float64: rows added in ascending order, columns scanned in
   ascending order, every comparison strict, so that the first of equals wins.

`solve` is that rule. `solve_any` is exact as well but breaks ties as it likes:
it is for training, where it is faster: for small matrices, on a GPU, and where SciPy is installed.
"""

import functools
import itertools

import numpy as np
import torch

try:  # the same shortest augmenting paths, in C++
    from scipy.optimize import linear_sum_assignment
except ImportError:
    linear_sum_assignment = None

MAX = float(np.finfo(np.float32).max)


def finite(logits):
    """Logits as float64 by rule 1."""
    x = np.asarray(logits, np.float32).astype(np.float64)
    return np.clip(np.where(np.isnan(x), -MAX, x), -MAX, MAX)


def solve(logits):
    """Row r's column of each matrix: [..., n, n] (anything NumPy takes) to int64 [..., n]."""
    x = finite(logits)
    shape, n = x.shape[:-1], x.shape[-1]
    x = x.reshape(-1, n, n)
    perm = x.argmax(-1)
    collide = (np.sort(perm, -1) != np.arange(n)).any(-1)
    if collide.any():
        perm[collide] = augment(-x[collide])
    return perm.reshape(shape)


def augment(cost):
    """Rule 3, on all matrices [m, n, n] at once. Rows and columns count from 1, column 0 holds the row being added."""
    m, n, _ = cost.shape
    u, v = np.zeros((m, n + 1)), np.zeros((m, n + 1))
    row_of = np.zeros((m, n + 1), np.int64)
    way = np.zeros((m, n + 1), np.int64)
    for i in range(1, n + 1):
        row_of[:, 0] = i
        least = np.full((m, n + 1), np.inf)
        used = np.zeros((m, n + 1), bool)
        column = np.zeros(m, np.int64)
        live = np.arange(m)
        while len(live):
            at = column[live]
            used[live, at] = True
            row = row_of[live, at]
            reduced = cost[live, row - 1] - u[live, row][:, None] - v[live, 1:]
            taken, low, back = used[live], least[live], way[live]
            better = ~taken[:, 1:] & (reduced < low[:, 1:])
            low[:, 1:][better] = reduced[better]
            back[:, 1:][better] = np.broadcast_to(at[:, None], better.shape)[better]
            free = np.where(taken[:, 1:], np.inf, low[:, 1:])
            following = free.argmin(1) + 1
            delta = free.min(1)[:, None]
            rows = row_of[live]
            u[live[:, None], rows] += np.where(taken, delta, 0)  # unused columns without a row add 0 to row 0
            v[live] -= np.where(taken, delta, 0)
            least[live], way[live] = np.where(taken, low, low - delta), back
            column[live] = following
            live = live[row_of[live, following] != 0]
        live = np.arange(m)
        while len(live):
            at = column[live]
            previous = way[live, at]
            row_of[live, at] = row_of[live, previous]
            column[live] = previous
            live = live[previous != 0]
    perm = np.empty((m, n), np.int64)
    np.put_along_axis(perm, row_of[:, 1:] - 1, np.broadcast_to(np.arange(n), (m, n)), 1)
    return perm


@functools.lru_cache(maxsize=None)
def _levels(n):
    """For each row r: columns [S, r+1] in each set of r+1 columns, and the index of the set without it."""
    levels, index = [], {0: 0}
    for r in range(n):
        columns, before, current = [], [], {}
        for chosen in itertools.combinations(range(n), r + 1):
            mask = sum(1 << c for c in chosen)
            current[mask] = len(current)
            columns.append(chosen)
            before.append([index[mask & ~(1 << c)] for c in chosen])
        levels.append((torch.tensor(columns), torch.tensor(before)))
        index = current
    return levels


@functools.lru_cache(maxsize=None)
def _levels_on(n, device):
    return [(a.to(device), b.to(device)) for a, b in _levels(n)]


def _subsets(logits):
    """Exact for small n: the best sum over each set of columns, row after row (n 2^(n-1) sums)."""
    m, n, _ = logits.shape
    levels = _levels_on(n, logits.device)
    best, choices = logits.new_zeros(m, 1), []
    for r, (columns, before) in enumerate(levels):
        best, choice = (best[:, before] + logits[:, r, columns]).max(-1)
        choices.append(choice)
    perm = torch.empty(m, n, dtype=torch.int64, device=logits.device)
    at, rows = torch.zeros(m, dtype=torch.int64, device=logits.device), torch.arange(m, device=logits.device)
    for r in range(n - 1, -1, -1):
        columns, before = levels[r]
        choice = choices[r][rows, at]
        perm[:, r] = columns[at, choice]
        at = before[at, choice]
    return perm


def solve_any(logits):
    """An optimal permutation of each matrix: a tensor [..., n, n] to int64 [..., n] on the same device."""
    shape, n = logits.shape[:-1], logits.shape[-1]
    x = logits.detach().float().reshape(-1, n, n)
    # Small: subsets. The bound is where they meet the other's time.
    if n <= (12 if x.is_cuda else 4 if linear_sum_assignment else 8):
        return _subsets(x.nan_to_num(-MAX, MAX, -MAX)).reshape(shape)
    x = x.cpu().numpy()
    if linear_sum_assignment:
        perm = np.stack([linear_sum_assignment(m, maximize=True)[1] for m in finite(x)])
    else:
        perm = solve(x)
    return torch.from_numpy(perm).to(logits.device).reshape(shape)


def margins(logits, perm):
    """How much the best other permutation falls short of perm, for matrices [m, n, n]; infinite for n = 1.

    The runner-up avoids at least one of perm's entries: each in turn is forbidden.
    """
    x, perm = finite(logits), np.asarray(perm)
    m, n, _ = x.shape
    if n == 1:
        return np.full(m, np.inf)
    total = np.take_along_axis(x, perm[:, :, None], 2)[:, :, 0].sum(1)
    best = np.full(m, np.inf)
    forbid = 1e6 * (1 + np.abs(x).max((1, 2)))
    for r in range(n):
        y = x.copy()
        y[np.arange(m), r, perm[:, r]] -= forbid
        other = augment(-y)
        best = np.minimum(best, total - np.take_along_axis(y, other[:, :, None], 2)[:, :, 0].sum(1))
    return best

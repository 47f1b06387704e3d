"""Means, deviations and intervals of a few repetitions."""

import statistics

# Student's t at 97.5 %, of 1 to 9 degrees of freedom.
T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def interval(values):
    """(mean, half the width of its 95 % interval by Student's t) of 2 to 10 values."""
    return statistics.mean(values), T[len(values) - 2] * statistics.stdev(values) / len(values) ** 0.5


def spread(values, form="{:.2f}"):
    """As text: the mean, and the deviation where there is more than one value."""
    if not values:
        return ""
    mean = form.format(statistics.mean(values))
    return mean if len(values) < 2 else f"{mean} ± {form.format(statistics.stdev(values))}"

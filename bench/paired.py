"""Medians of paired measurements, and how far they can be trusted."""

import math
import statistics

CONFIDENCE = 0.95


def median_ranks(count):
    """The ranks, from 1, of the two sorted values between which the median lies with CONFIDENCE.

    Each of `count` independent values is below the true median with probability 1/2, whatever they
    are distributed like. So the number below it is binomial, and the true median lies between the
    values of rank k and count + 1 - k unless fewer than k are on one side of it. The narrowest such
    interval is taken; with fewer than six values there is none, and the extremes are given.
    """
    below, rank = 0.0, 0
    while True:
        below += math.comb(count, rank) / 2**count
        if 2 * below > 1 - CONFIDENCE:
            return max(rank, 1), count + 1 - max(rank, 1)
        rank += 1


class Spread:
    """The median of some values with its interval, and their extremes."""

    def __init__(self, values):
        self.values = sorted(values)
        low, high = median_ranks(len(self.values))
        self.median = statistics.median(self.values)
        self.low, self.high = self.values[low - 1], self.values[high - 1]
        self.min, self.max = self.values[0], self.values[-1]

    def counters(self, name):
        """Of ratios to core, as a row of a result has them."""
        return {f"{name}_to_core": self.median, f"{name}_low": self.low, f"{name}_high": self.high}

    def overlaps(self, other):
        return self.low <= other.high and other.low <= self.high


def ratios(values, to):
    """Round by round."""
    return [value / floor for value, floor in zip(values, to, strict=True)]

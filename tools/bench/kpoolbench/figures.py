# SPDX-License-Identifier: GPL-2.0-only
"""Medians, spreads, curves, and whether two samples differ."""

import math
import statistics


def quartiles(rounds):
    """The lower and the upper quartile."""
    if len(rounds) < 2:
        return rounds[0], rounds[0]
    low, _, high = statistics.quantiles(rounds, n=4, method="inclusive")
    return low, high


def summary(rounds):
    """What a result says about the rounds of a figure."""
    low, high = quartiles(rounds)
    return {"median": statistics.median(rounds), "low": low, "high": high,
            "least": min(rounds), "most": max(rounds), "rounds": rounds}


def spread(figure):
    """Half the distance between the quartiles, as a part of the median."""
    if not figure["median"]:
        return 0.0
    return (figure["high"] - figure["low"]) / 2 / figure["median"]


def exponent(points, values):
    """The exponent of the curve value = c * point ** exponent that fits best, and how well (r²).

    None without two points of different value.
    """
    pairs = [(math.log(p), math.log(v)) for p, v in zip(points, values) if p > 0 and v > 0]
    if len({x for x, _ in pairs}) < 2:
        return None
    mean_x = statistics.fmean(x for x, _ in pairs)
    mean_y = statistics.fmean(y for _, y in pairs)
    xx = sum((x - mean_x) ** 2 for x, _ in pairs)
    yy = sum((y - mean_y) ** 2 for _, y in pairs)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return xy / xx, (xy * xy / (xx * yy) if yy else 1.0)


def p_value(a, b):
    """The probability of two samples that differ so much, if only chance decides.

    Mann and Whitney's test, two-sided, with the normal approximation and its correction for ties.
    """
    n, m = len(a), len(b)
    ranked = sorted([(x, 0) for x in a] + [(x, 1) for x in b])
    rank_sum, ties, i = 0.0, 0.0, 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        rank = (i + 1 + j) / 2
        rank_sum += rank * sum(1 for k in range(i, j) if ranked[k][1] == 0)
        ties += (j - i) ** 3 - (j - i)
        i = j
    u = rank_sum - n * (n + 1) / 2
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = max(0.0, abs(u - n * m / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))

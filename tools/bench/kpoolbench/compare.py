# SPDX-License-Identifier: GPL-2.0-only
"""Compares two results: what changed, and what is noise.

A figure has changed if all of these hold: chance would make the two samples of rounds differ so much
in less than one comparison of a hundred (Mann and Whitney's test); the medians differ by more than
both spreads together; and they differ by more than a threshold. The threshold is what the median of
the same program differs by from one run to the next: next to nothing where instructions are counted,
and some percent in time.
"""

from . import cases, figures

CHANCE = 0.01
THRESHOLD = {"instructions": 0.002, "ns": 0.03}

# Environments that differ in these are different machines.
MATTERS = ("kernel", "machine", "cpu", "cpus", "preemption", "zeroing", "accelerator")


def is_noise(old, new, unit):
    """Whether the difference of two figures says nothing."""
    difference = abs(new["median"] - old["median"])
    if difference <= THRESHOLD.get(unit, 0.03) * old["median"]:
        return True
    spreads = (old["high"] - old["low"] + new["high"] - new["low"]) / 2
    if difference <= spreads:
        return True
    # So few rounds cannot show more than that they do not overlap.
    if len(old["rounds"]) < 6 or len(new["rounds"]) < 6:
        return not (max(old["rounds"]) < min(new["rounds"]) or
                    max(new["rounds"]) < min(old["rounds"]))
    return figures.p_value(old["rounds"], new["rounds"]) > CHANCE


def differences(old, new):
    """What differs between two environments."""
    lines = []
    for name in MATTERS:
        a, b = old["environment"].get(name), new["environment"].get(name)
        if a != b:
            lines.append(f"{name}: was {a}, is {b}")
    if old["environment"].get("mitigations") != new["environment"].get("mitigations"):
        lines.append("mitigations differ")
    return lines


def partner(run, base):
    """The run of a base that this one is compared with: the same unit, and if there is a choice
    the same kernel."""
    same = [r for r in base["runs"] if r["unit"] == run["unit"]]
    kernel = [r for r in same if r["environment"]["kernel"] == run["environment"]["kernel"]]
    return (kernel or same or [None])[0]


def compare(old, new):
    """Each figure that both runs have: (figure, old figure, ratio, is it noise)."""
    known = {(f["case"], f["point"], f["peer"], f["metric"]): f for f in old["figures"]}
    rows = []
    for f in new["figures"]:
        before = known.get((f["case"], f["point"], f["peer"], f["metric"]))
        if before and before["median"]:
            rows.append((f, before, f["median"] / before["median"],
                         is_noise(before, f, new["unit"])))
    return rows


def lines(old, new):
    """The comparison for a terminal."""
    rows = compare(old, new)
    text = [f"compared with {old['environment']['kernel']}, kpool "
            f"{old['environment'].get('kpool', '?')}: {len(rows)} figures"]
    text += [f"  the environments differ: {line}" for line in differences(old, new)]
    changed = sorted((row for row in rows if not row[3]), key=lambda row: -abs(row[2] - 1))
    for f, before, ratio, _ in changed:
        name = f"{f['case']} {cases.point(f['case'], f['point'])} {f['peer']}"
        if f["metric"] != "cost":
            name += f" {f['metric']}"
        text.append(f"  {'+' if ratio > 1 else '-'}{abs(ratio - 1):7.1%}  {name}: "
                    f"{before['median']:,.2f} -> {f['median']:,.2f}")
    text.append(f"  {len(changed)} changed, {len(rows) - len(changed)} within the noise")
    return text

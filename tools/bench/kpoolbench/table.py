# SPDX-License-Identifier: GPL-2.0-only
"""The result as text, for a terminal."""

from . import answer, cases, figures, result


def columns(rows):
    """Rows of cells, the first column to the left and all others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
            for row in rows]


def number(value):
    """A figure: no more digits than it has meaning."""
    return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def cell(figure):
    """A median, and its spread if it has one."""
    if not figure:
        return "-"
    text = number(figure["median"])
    part = figures.spread(figure)
    # A largest value can be anything.
    return text if part < 0.005 else f"{text} ±{part:.0%}" if part < 1 else f"{text} ±>99%"


def _unit(run, case, metric):
    return "" if metric in cases.COUNTS else run["unit"]


def metric_table(run, name, metric):
    """A table of one metric of a case: peers by points, or points by peers if there are many."""
    points = result.ordered(run, "point", case=name, metric=metric)
    peers = result.ordered(run, "peer", case=name, metric=metric)
    words = cases.case(name)

    def at(peer, point):
        return cell(result.figure(run, name, point, peer, metric))

    if len(points) == 1:
        rows = [["", _unit(run, name, metric) or "number"]]
        rows += [[peer, at(peer, points[0])] for peer in peers]
    elif len(points) > 4:
        rows = [[words.point or "point"] + peers]
        rows += [[cases.point(name, p)] + [at(peer, p) for peer in peers] for p in points]
    else:
        rows = [[words.point or "point"] + [cases.point(name, p) for p in points]]
        rows += [[peer] + [at(peer, p) for p in points] for peer in peers]
    return columns(rows)


def exponents(run, name, metric):
    """A line for each curve that grows, or does not."""
    points = result.ordered(run, "point", case=name, metric=metric)
    text = []
    for peer in result.ordered(run, "peer", case=name, metric=metric):
        values = [result.median(run, name, p, peer, metric) for p in points]
        known = [(p, v) for p, v in zip(points, values) if v]
        fit = figures.exponent([p for p, _ in known], [v for _, v in known])
        if fit:
            text.append(f"{peer}: cost ~ {cases.case(name).point or 'n'}^{fit[0]:.2f} "
                        f"(r² {fit[1]:.2f})")
    return text


def _multi_metric(run, name):
    """A table with a column for each metric, for cases with one point."""
    metrics = result.ordered(run, "metric", case=name)
    peers = result.ordered(run, "peer", case=name)
    point = result.ordered(run, "point", case=name)[0]
    rows = [[""] + metrics]
    rows += [[peer] + [cell(result.figure(run, name, point, peer, metric)) for metric in metrics]
             for peer in peers]
    return columns(rows)


def case_lines(run, name):
    """A case: its title, and its tables."""
    words = cases.case(name)
    metrics = result.ordered(run, "metric", case=name)
    points = result.ordered(run, "point", case=name)
    unit = run["unit"]
    text = ["", f"{words.title} ({name}; {unit}"
            + (f" {cases.cost_of(name)})" if metrics == ["cost"] else ")")]
    if len(points) == 1 and len(metrics) > 1:
        return text + ["  " + line for line in _multi_metric(run, name)]
    for metric in metrics:
        if len(metrics) > 1:
            text.append(f" {cases.metric(metric)}:")
        text += ["  " + line for line in metric_table(run, name, metric)]
        if words.growth:
            text += ["  " + line for line in exponents(run, name, metric)]
    return text


def environment_lines(run):
    """What the figures depend on."""
    e = run["environment"]
    text = [f"kernel {e['kernel']} on {e.get('machine', '?')}, preemption "
            f"{e.get('preemption', '?')}, zeroing {e.get('zeroing', '?')}, kpool "
            f"{e.get('kpool', '?')}",
            f"{e.get('cpus', '?')} CPUs: {e.get('cpu', '?')}; accelerator: "
            f"{e.get('accelerator', '?')}"]
    active = [name for name, state in e.get("mitigations", {}).items() if
              state.startswith("Mitigation")]
    if active:
        text.append("mitigations: " + ", ".join(active))
    return text


def lines(run):
    """A run: what it depends on, all cases, and the answer."""
    text = environment_lines(run)
    for name in result.ordered(run, "case"):
        text += case_lines(run, name)
    for skip in run["skipped"]:
        text.append(f"not measured: {skip['case']} {skip['point']} {skip['peer']} "
                    f"(error {skip['errno']})")
    yes, no = answer.sentences(run)
    text += ["", "Is a pool worth it here?"]
    text += [f"  + {sentence}" for sentence in yes] + [f"  - {sentence}" for sentence in no]
    return text

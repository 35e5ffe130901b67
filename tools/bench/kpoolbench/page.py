# SPDX-License-Identifier: GPL-2.0-only
"""The result as one HTML page that needs nothing else: Chart.js is part of the page."""

import html
import json
import os

from . import answer, cases, compare, figures, result, table

# Where Debian's package libjs-chart.js has it, and where `make install-tool` puts it.
LIBRARIES = ("chart.min.js", "/usr/share/javascript/chart.js/chart.min.js")

HERE = os.path.dirname(os.path.realpath(__file__))

COLOURS = {
    "kpool": "#0b5cad", "kpool_sized": "#0a2f66", "ring": "#0b5cad", "kpool_bounded": "#3f86cc",
    "kpool_special": "#5b9bd8", "kpool_expiring": "#76afe2", "kpool_mortal": "#91c1ea",
    "kpool_checked": "#abd2f2", "kpool_debugged": "#c6e2f9", "ring_in_place": "#4c96d7",
    "ring_overwrite": "#8dbfe8",
    "kmem_cache": "#d9730d", "kmalloc": "#b03a9a", "kvmalloc": "#7a4fbf", "mempool": "#a68a00",
    "alloc_pages": "#2e8b57", "vmalloc": "#c0392b", "page_pool": "#7f5539", "objpool": "#128c8c",
    "ptr_ring": "#5d6d7e", "kfifo": "#34495e",
}
OTHER = "#b8bec6"


class NoLibrary(Exception):
    """Chart.js is not on this machine."""


def _library():
    for path in LIBRARIES:
        path = os.path.join(HERE, path)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise NoLibrary("the page needs Chart.js, which Debian has in the package libjs-chart.js")


def _part(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def _text(value):
    return html.escape(str(value))


def _dataset(label, peer, data, line):
    colour = COLOURS.get(peer, OTHER)
    dataset = {"label": label, "data": data, "backgroundColor": colour, "borderColor": colour}
    if line:
        dataset.update(borderWidth=3 if cases.is_kpool(peer) else 2, pointRadius=3, fill=False,
                       spanGaps=True,
                       borderDash=[6, 4] if peer in cases.FLOORS else [])
    return dataset


def _axis(text, log=False):
    return {"title": {"display": bool(text), "text": text},
            "type": "logarithmic" if log else "linear",
            **({} if log else {"beginAtZero": True})}


def _bars(run, name, metric, log):
    """Horizontal bars of the peers: a case with one point."""
    point = result.ordered(run, "point", case=name, metric=metric)[0]
    peers = [peer for peer in result.ordered(run, "peer", case=name, metric=metric)
             if peer not in cases.NOT_DRAWN]
    values = [result.median(run, name, point, peer, metric) for peer in peers]
    unit = "" if metric in cases.COUNTS else run["unit"]
    known = [v for v in values if v]
    log = log or bool(known) and max(known) > 50 * min(known)
    if log:
        values = [v or None for v in values]        # a logarithmic axis has no zero
    dataset = {"label": cases.metric(metric), "data": values,
               "backgroundColor": [COLOURS.get(peer, OTHER) for peer in peers]}
    return {"type": "bar", "unit": unit, "height": 60 + 26 * len(peers),
            "data": {"labels": peers, "datasets": [dataset]},
            "options": {"indexAxis": "y", "plugins": {"legend": {"display": False}},
                        "scales": {"x": _axis(unit, log), "y": {}}}}


def _grouped(run, name, labels, values, log, axis):
    """Bars in groups, one a label: values(peer) gives those of a peer."""
    peers = [p for p in result.ordered(run, "peer", case=name)]
    return {"type": "bar", "unit": run["unit"], "height": 340,
            "data": {"labels": labels,
                     "datasets": [_dataset(peer, peer, values(peer), False) for peer in peers]},
            "options": {"scales": {"x": {"title": {"display": bool(axis), "text": axis}},
                                   "y": _axis(run["unit"], log)}}}


def _lines(run, name, metric, log):
    """Curves by point."""
    points = result.ordered(run, "point", case=name, metric=metric)
    words = cases.case(name)
    datasets = []
    for peer in result.ordered(run, "peer", case=name, metric=metric):
        known = [(p, result.median(run, name, p, peer, metric)) for p in points]
        known = [(p, v) for p, v in known if v]
        label = peer
        fit = figures.exponent([p for p, _ in known], [v for _, v in known])
        if words.growth and fit:
            label += f"  (n^{fit[0]:.2f})"
        datasets.append(_dataset(label, peer, [{"x": p, "y": v} for p, v in known], True))
    unit = "" if metric in cases.COUNTS else run["unit"]
    x = _axis(words.point, True)
    x["points"] = points
    x["bytes"] = words.bytes
    return {"type": "line", "unit": unit, "height": 340, "data": {"datasets": datasets},
            "options": {"scales": {"x": x, "y": _axis(unit, log)}}}


def _charts(run, name):
    """The charts of a case: (title, configuration)."""
    words = cases.case(name)
    metrics = result.ordered(run, "metric", case=name)
    points = result.ordered(run, "point", case=name)
    sides = {"get_": "How long a get takes", "put_": "How long a put takes",
             "hand_over_": "How long a hand-over takes",
             "other_": "How long an interrupt's get and put take",
             "nested_": "The same, of an interrupt that found kpool busy"}
    if name in ("latency", "bounded", "interrupt"):
        for side, title in sides.items():
            names = [m for m in metrics if m.startswith(side)]
            if not names:
                continue
            yield (title,
                   _grouped(run, name, [n[len(side):] for n in names],
                            lambda peer, names=names: [
                                result.median(run, name, points[0], peer, m) or None
                                for m in names], True, "percentile of the calls"))
        metrics = [m for m in metrics if not m.startswith(tuple(sides))]
    for metric in metrics:
        title = cases.metric(metric)
        if metric == "cost":
            title = f"Cost of {cases.cost_of(name)}"
        if len(points) == 1:
            peers = result.ordered(run, "peer", case=name, metric=metric)
            if any(result.median(run, name, points[0], peer, metric) for peer in peers):
                yield title, _bars(run, name, metric, words.log)
        elif len(points) <= 3 and not words.growth:
            yield title, _grouped(
                run, name, [cases.point(name, p) for p in points],
                lambda peer, metric=metric: [result.median(run, name, p, peer, metric) or None
                                             for p in points], True, words.point)
        else:
            yield title, _lines(run, name, metric, words.log)


def _html_table(run, name, metric):
    """All figures of a metric: median, spread, least and most."""
    rows = ["<tr><th>peer</th>"
            + (f"<th>{_text(cases.case(name).point)}</th>" if cases.case(name).point else "")
            + "<th>median</th><th>spread</th><th>least</th><th>most</th><th>rounds</th></tr>"]
    for f in run["figures"]:
        if (f["case"], f["metric"]) != (name, metric):
            continue
        point = f"<td>{cases.point(name, f['point'])}</td>" if cases.case(name).point else ""
        rows.append(
            f"<tr><td>{_text(f['peer'])}</td>{point}<td>{table.number(f['median'])}</td>"
            f"<td>±{figures.spread(f):.1%}</td><td>{table.number(f['least'])}</td>"
            f"<td>{table.number(f['most'])}</td><td>{len(f['rounds'])}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _environment(run):
    e = run["environment"]
    names = [("kernel", "kernel"), ("build", "build"), ("machine", "machine"), ("cpu", "CPU"),
             ("cpus", "CPUs"), ("preemption", "preemption model"), ("zeroing", "zeroing"),
             ("accelerator", "accelerator"), ("kpool", "kpool"), ("command_line", "command line")]
    rows = [f"<tr><th>{label}</th><td>{_text(e.get(name, 'not known'))}</td></tr>"
            for name, label in names]
    rows += [f"<tr><th>{_text(name)}</th><td>{_text(state)}</td></tr>"
             for name, state in e.get("mitigations", {}).items()]
    return f"<table class=facts>{''.join(rows)}</table>"


UNITS = {
    "instructions": "Instructions, counted exactly under emulation. The figures are the same on "
                    "any machine. They do not show cache misses, and a locked instruction counts "
                    "like any other.",
    "ns": "Nanoseconds. Medians of rounds; the rounds of all peers alternate.",
}


def _heading(run):
    """What tells this run from others."""
    e = run["environment"]
    return f"{'Instructions' if run['unit'] == 'instructions' else 'Time'} on {e['kernel']}"


def _answer(run):
    yes, no = answer.sentences(run)
    parts = ""
    for title, mark, sentences in (("Use a pool", "yes", yes), ("Do not use a pool", "no", no)):
        if sentences:
            items = "".join(f"<li>{_text(s)}</li>" for s in sentences)
            parts += f"<div class={mark}><h3>{title}</h3><ul>{items}</ul></div>"
    return f"<div class=answer>{parts}</div>"


def _comparison(run, base):
    old = compare.partner(run, base)
    if not old:
        return ""
    rows = compare.compare(old, run)
    changed = sorted((row for row in rows if not row[3]), key=lambda row: -abs(row[2] - 1))
    text = (f"<h3>Compared with {_text(old['environment']['kernel'])}, kpool "
            f"{_text(old['environment'].get('kpool', '?'))}</h3>")
    for line in compare.differences(old, run):
        text += f"<p class=warning>The environments differ: {_text(line)}</p>"
    text += (f"<p>{len(changed)} figures changed, {len(rows) - len(changed)} are within the "
             f"noise.</p>")
    if changed:
        text += ("<table><tr><th>figure</th><th>before</th><th>now</th><th>change</th></tr>"
                 + "".join(
                     f"<tr><td>{_text(f['case'])} {cases.point(f['case'], f['point'])} "
                     f"{_text(f['peer'])} {_text(f['metric'])}</td>"
                     f"<td>{table.number(o['median'])}</td><td>{table.number(f['median'])}</td>"
                     f"<td class={'worse' if ratio > 1 else 'better'}>{ratio - 1:+.1%}</td></tr>"
                     for f, o, ratio, _ in changed) + "</table>")
    return text


def make(res, base=None):
    """The page's text. Raises NoLibrary."""
    library = _library()
    charts, body, links = [], [], []
    for number, run in enumerate(res["runs"]):
        links.append(f"<a href='#run{number}'>{_text(_heading(run))}</a>")
        body.append(f"<section id=run{number}><h2>{_text(_heading(run))}</h2>"
                    f"<p>{_text(UNITS.get(run['unit'], run['unit']))}</p>"
                    f"{_answer(run)}{_comparison(run, base) if base else ''}")
        for name in result.ordered(run, "case"):
            words = cases.case(name)
            body.append(f"<h3>{_text(words.title)}</h3><p>{_text(words.what)}</p>"
                        "<div class=charts>")
            for title, config in _charts(run, name):
                charts.append({"id": f"chart{len(charts)}", **config})
                body.append(f"<figure><figcaption>{_text(title)}"
                            f"{f', {config_unit}' if (config_unit := config['unit']) else ''}"
                            f"</figcaption><div style='height:{config['height']}px'>"
                            f"<canvas id={charts[-1]['id']}></canvas></div></figure>")
            tables = "".join(f"<h4>{_text(cases.metric(m))}</h4>{_html_table(run, name, m)}"
                             for m in result.ordered(run, "metric", case=name))
            body.append(f"</div><details><summary>All figures</summary>{tables}</details>")
        body.append("<details><summary>What these figures depend on</summary>"
                    f"{_environment(run)}</details></section>")
    # In a script "</" would end it.
    data = json.dumps(charts).replace("</", "<\\/")
    return (f"<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
            f"<meta name=viewport content='width=device-width'>\n"
            f"<title>kpool: what a pool costs</title>\n<style>{_part('page.css')}</style>\n</head>\n"
            f"<body>\n<header><h1>Is a pool worth it?</h1>\n<p>kpool's benchmark, "
            f"{_text(res['date'])}. {' · '.join(links)}</p></header>\n"
            f"{''.join(body)}\n<script>{library}</script>\n"
            f"<script type='application/json' id=charts>{data}</script>\n"
            f"<script>{_part('page.js')}</script>\n</body>\n</html>\n")

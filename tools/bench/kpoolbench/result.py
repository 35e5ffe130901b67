# SPDX-License-Identifier: GPL-2.0-only
"""The result as JSON. Documentation/performance.rst describes the format."""

import json
import os
import time

FORMAT = "kpool-bench"
VERSION = 1


class Unreadable(Exception):
    """A file is no result, or not one that this version can read."""


def new(runs):
    """A result of some runs."""
    return {"format": FORMAT, "version": VERSION,
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "runs": runs}


def load(path):
    """Reads a result. Raises Unreadable, with the reason for people."""
    try:
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise Unreadable(f"{path} is no JSON: {error}") from None
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise Unreadable(f"{path} is no result of the benchmark (format is not {FORMAT})")
    if result.get("version") != VERSION:
        raise Unreadable(f"{path} has version {result.get('version')} of the format, "
                         f"and this program reads version {VERSION}")
    try:
        for run in result["runs"]:
            _ = run["unit"], run["environment"]["kernel"]
            for figure in run["figures"]:
                _ = [figure[name] for name in ("case", "point", "peer", "metric", "median", "low",
                                               "high", "rounds")]
    except (KeyError, TypeError) as error:
        raise Unreadable(f"{path} is damaged: {error} is missing") from None
    return result


def save(result, path):
    """Writes a result, whole or not at all."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(_text(result))
    os.replace(part, path)


def _text(result):
    """A line a figure, so that people and diff can read it."""
    lines = []
    for run in result["runs"]:
        facts = {name: value for name, value in run.items() if name != "figures"}
        figures = ",\n".join(json.dumps(f) for f in run["figures"])
        lines.append(json.dumps(facts, indent=1)[:-2] + f',\n"figures": [\n{figures}\n]}}')
    facts = {name: value for name, value in result.items() if name != "runs"}
    return json.dumps(facts, indent=1)[:-2] + ',\n"runs": [\n' + ",\n".join(lines) + "\n]}\n"


def figure(run, case, point, peer, metric="cost"):
    """A figure of a run, or None. A point of None is the first one that the peer has."""
    for f in run["figures"]:
        if (f["case"], f["peer"], f["metric"]) == (case, peer, metric) and \
                point in (None, f["point"]):
            return f
    return None


def median(run, case, point, peer, metric="cost"):
    """The median of a figure, or None."""
    f = figure(run, case, point, peer, metric)
    return f["median"] if f else None


def ordered(run, name, **fixed):
    """The values of a field, in the order in which they were measured, each once."""
    return list(dict.fromkeys(f[name] for f in run["figures"]
                              if all(f[k] == v for k, v in fixed.items())))

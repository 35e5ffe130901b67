# SPDX-License-Identifier: GPL-2.0-only
"""The command line of the benchmark."""

import argparse
import re
import sys

from . import compare, machine, page, progress, result, stream, table


def _words(text):
    """A list of names with commas between them, as the module takes it."""
    if not re.fullmatch(r"[a-z0-9_]+(,[a-z0-9_]+)*", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of names with commas between them")
    return text


def _count(text):
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= 100000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 100000")
    return int(text)


def _fact(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def _parser():
    parser = argparse.ArgumentParser(
        prog="kpool bench", allow_abbrev=False,
        description="Measures what pools cost on the running kernel, next to the kernel's own "
                    "allocators. Needs root, and the module kpool_bench.")
    parser.add_argument("--cases", type=_words, metavar="LIST",
                        help="only these cases, with commas between them")
    parser.add_argument("--peers", type=_words, metavar="LIST", help="only these peers")
    parser.add_argument("--rounds", type=_count, metavar="N", help="rounds of each peer")
    parser.add_argument("--json", metavar="FILE", help="write the result there")
    parser.add_argument("--html", metavar="FILE", help="write a page with charts there")
    parser.add_argument("--base", metavar="FILE",
                        help="compare with this result: what changed, and what is noise")
    parser.add_argument("--show", metavar="FILE", nargs="+",
                        help="measure nothing, but show these results, as one")
    parser.add_argument("--quiet", action="store_true", help="show no progress and no table")
    # For tests, and for the guests of tests/bench/report.
    parser.add_argument("--quiet-table", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--lines", metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--unit", choices=("ns", "instructions"), default="ns",
                        help=argparse.SUPPRESS)
    parser.add_argument("--parameter", type=_fact, action="append", default=[],
                        help=argparse.SUPPRESS)
    parser.add_argument("--fact", type=_fact, action="append", default=[], help=argparse.SUPPRESS)
    return parser


def _collect(lines, options):
    run = stream.Run(options.unit)
    shown = progress.Progress("benchmark", options.quiet)
    try:
        for line in lines:
            run.add(line)
            shown.update(run)
    finally:
        shown.end()
    run.check()
    run.environment.update(options.fact)
    return run.result()


def _runs(options):
    if options.show:
        return [run for path in options.show for run in result.load(path)["runs"]]
    if options.lines:
        with (sys.stdin if options.lines == "-" else
              open(options.lines, encoding="utf-8")) as file:
            return [_collect(file, options)]
    parameters = [f"{name}={value}" for name in ("cases", "peers", "rounds")
                  if (value := getattr(options, name))]
    parameters += [f"{name}={value}" for name, value in options.parameter]
    return [_collect(machine.lines(parameters), options)]


def _report(res, base, options):
    if options.json:
        result.save(res, options.json)
    if options.html:
        text = page.make(res, base)
        with open(options.html, "w", encoding="utf-8") as file:
            file.write(text)
    if options.quiet or options.quiet_table:
        return
    for run in res["runs"]:
        print("\n".join(table.lines(run)))
        if base:
            old = compare.partner(run, base)
            print("\n" + ("\n".join(compare.lines(old, run)) if old else
                          f"{options.base} has no run in {run['unit']}"))
        print()


def main():
    """Returns the exit status."""
    options = _parser().parse_args()
    try:
        # First what can be refused without measuring.
        base = result.load(options.base) if options.base else None
        runs = _runs(options)
        if not any(run["figures"] for run in runs):
            raise stream.Broken("nothing was measured: the case or the peer has another name, or "
                                "this machine cannot do it")
        _report(result.new(runs), base, options)
    except (result.Unreadable, stream.Broken, machine.Refused, page.NoLibrary) as error:
        print(f"kpool bench: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"kpool bench: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0

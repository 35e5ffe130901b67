# SPDX-License-Identifier: GPL-2.0-only
"""Reads what tools/bench/measure prints, and becomes a run of a result."""

from . import figures


class Broken(Exception):
    """The lines are not what measure prints."""


class Run:
    """The figures of one kernel, as they come in."""

    def __init__(self, unit):
        self.unit = unit
        self.environment = {}
        self.mitigations = {}
        self.rounds = {}            # (case, point, peer, metric) -> [value a round]
        self.skipped = []
        self.plan = self.done = 0
        self.place = ""
        self.ended = False
        self._last = None

    def add(self, line):
        """Takes in a line. Other lines than measure's, as warnings of the kernel, are refused."""
        word, _, rest = line.rstrip("\r\n").partition(" ")
        try:
            if word == "environment":
                name, _, value = rest.partition(" ")
                kind, _, name = name.rpartition(":")
                (self.mitigations if kind == "mitigation" else self.environment)[name] = value
            elif word == "plan":
                self.plan = int(rest)
            elif word == "figure":
                case, point, peer, number, metric, value = rest.split()
                self._count((case, point, peer, number))
                key = case, int(point), peer, metric
                self.rounds.setdefault(key, []).append(float(value))
            elif word == "skip":
                case, point, peer, errno = rest.split()
                self.skipped.append({"case": case, "point": int(point), "peer": peer,
                                     "errno": int(errno)})
            elif word == "end":
                self.ended = True
            else:
                raise ValueError
        except ValueError:
            raise Broken(f"not a line of the benchmark: '{line.strip()}'") from None

    def _count(self, place):
        """Several figures may be of the same round."""
        if place != self._last:
            self._last = place
            self.done += 1
            self.place = f"{place[0]} {place[1]} {place[2]}"

    def check(self):
        """Raises an error if the lines stopped in the middle."""
        if not self.ended:
            raise Broken("the figures end in the middle" if self.plan else "there are no figures")

    def result(self):
        """The run as the result has it."""
        return {
            "unit": self.unit,
            "environment": {**self.environment, "mitigations": self.mitigations},
            "figures": [
                {"case": case, "point": point, "peer": peer, "metric": metric,
                 **figures.summary(rounds)}
                for (case, point, peer, metric), rounds in self.rounds.items()],
            "skipped": self.skipped,
        }

# SPDX-License-Identifier: GPL-2.0-only
"""How far a run is: a line that changes on a terminal, a line each tenth elsewhere."""

import shutil
import sys
import time


class Progress:
    """Shows a run's progress on stderr."""

    def __init__(self, what, quiet=False):
        self._what = what
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._tenth = -1
        self._begin = time.monotonic()
        self._shown = 0.0

    def update(self, run):
        """After each line."""
        if self._quiet or not run.plan:
            return
        now = time.monotonic()
        if self._terminal:
            if now - self._shown < 0.1:
                return
            self._shown = now
            part = min(run.done / run.plan, 1)
            left = (now - self._begin) * (1 - part) / part if part > 0.02 else None
            text = f"{self._what}: {part:4.0%}  {run.place}" + (
                f"  (some {left:.0f} s left)" if left is not None else "")
            print("\r\033[K" + text[:shutil.get_terminal_size().columns - 1], end="",
                  file=sys.stderr, flush=True)
        elif min(run.done * 10 // run.plan, 10) > self._tenth:
            self._tenth = min(run.done * 10 // run.plan, 10)
            print(f"{self._what}: {self._tenth * 10} %, "
                  f"{now - self._begin:.0f} s", file=sys.stderr, flush=True)

    def end(self):
        """Removes the line from the terminal."""
        if self._terminal and not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

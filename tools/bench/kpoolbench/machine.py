# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark on the running kernel: loads its module, reads its figures, unloads it."""

import os
import subprocess

DEVICE = "/dev/kpool_bench"
LOADED = "/sys/module/kpool_bench"


class Refused(Exception):
    """Why the benchmark cannot run here."""


def _measure():
    """The program that prints the environment and the figures."""
    here = os.path.dirname(os.path.realpath(__file__))
    return os.path.join(here, "..", "measure")


def _tail(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"


def _load(parameters):
    """Loads the module, from the installed modules or from a file in KPOOL_BENCH_MODULE."""
    file = os.environ.get("KPOOL_BENCH_MODULE")
    command = ["insmod", file] if file else ["modprobe", "kpool_bench"]
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    try:
        done = subprocess.run(command + parameters, capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": path})
    except FileNotFoundError:
        raise Refused(f"there is no program {command[0]}") from None
    if done.returncode == 0:
        return
    if "not found" in done.stderr:
        raise Refused(
            f"the module kpool_bench is not installed for the running kernel "
            f"{os.uname().release}: Debian's package kpool-bench or `make install-bench` "
            f"installs it")
    raise Refused(f"cannot load kpool_bench: {_tail(done.stderr)}")


def _unload():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    subprocess.run(["rmmod", "kpool_bench"], check=False, capture_output=True,
                   env={**os.environ, "PATH": path})


def lines(parameters):
    """The lines of measure, as they come. Raises Refused."""
    if os.geteuid() != 0:
        raise Refused("the benchmark loads a module and reads its device, so it needs root")
    if os.path.exists(LOADED):
        raise Refused("the module kpool_bench is loaded already: another benchmark runs, or "
                      "`rmmod kpool_bench` unloads it")
    _load(parameters)
    try:
        with subprocess.Popen([_measure()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            yield from process.stdout
            reason = process.stderr.read()
        if process.returncode:
            raise Refused(_tail(reason))
    finally:
        _unload()

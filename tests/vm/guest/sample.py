# SPDX-License-Identifier: GPL-2.0-only
"""Shared by the programs that test modules inside the guest. A check prints one line, "ok -
what" or "not ok - what"."""
import glob
import os
import re
import subprocess
import sys
import time

PORT = 8080
FOLDER = "/sys/kernel/debug/httpd"
TOOLS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../tools")

mode = ""
failures = 0


def check(what, found, wanted):
    global failures
    if found == wanted:
        print(f"ok - {mode}{what}", flush=True)
    else:
        failures += 1
        print(f"not ok - {mode}{what}: {found!r} instead of {wanted!r}", flush=True)


def becomes(what, function, wanted):
    """Waits until function() returns the wanted value, at most ten seconds."""
    end = time.monotonic() + 10
    while function() != wanted and time.monotonic() < end:
        time.sleep(0.05)
    check(what, function(), wanted)


def figure_in(file, name):
    with open(file) as stats:
        return int(re.search(f"^{name}: *(.*)", stats.read(), re.M)[1])


def figure(name):
    """A figure of the sample."""
    return figure_in(f"{FOLDER}/stats", name)


def pool_figure(pool, name):
    """A figure of kpool."""
    return figure_in(glob.glob(f"/sys/kernel/debug/kpool/*-{pool}/stats")[0], name)


def pool_names(pattern):
    """The names of pools and sets that match the pattern."""
    found = glob.glob(f"/sys/kernel/debug/kpool/*[0-9]-{pattern}")
    return [re.sub(r"^.*/(set-)?\d+-", "", name) for name in found]


def check_backend():
    """After all requests: all objects for the backend's answers were put, and the figures
    balance."""
    becomes("rings put as got", lambda: figure("ring_puts") - figure("ring_gets"), 0)
    for pool in pool_names("httpd-backend") + pool_names("httpd-exchanges") + pool_names(
            "httpd-rings"):
        becomes(f"{pool}: none in use", lambda: pool_figure(pool, "in_use"), 0)
        becomes(f"{pool}: puts as gets",
                lambda: pool_figure(pool, "puts") - pool_figure(pool, "gets"), 0)
        becomes(f"{pool}: created are destroyed or idle",
                lambda: [pool_figure(pool, "created") - pool_figure(pool, "destroyed") -
                         pool_figure(pool, name) for name in ("existing", "idle")], [0, 0])


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def load(**parameters):
    words = [f"{name}={value}" for name, value in ({"port": PORT} | parameters).items()]
    return run("insmod", sys.argv[1], *words).returncode == 0


def unload(module="httpd"):
    return run("rmmod", module).returncode == 0


def ab(*options, path="/"):
    """The numbers of requests: complete, failed, with keep-alive, with an error as the answer."""
    said = run("ab", "-q", *options, f"http://127.0.0.1:{PORT}{path}").stdout

    def number(name):
        found = re.search(rf"^{name}: *(\d+)", said, re.M)
        return int(found[1]) if found else 0

    return [number(f"{kind} requests") for kind in ("Complete", "Failed", "Keep-Alive")] + [
        number("Non-2xx responses")]


def end():
    """The last check, and the end of the program."""
    with open("/tmp/dmesg", "w") as log:
        log.write(run("dmesg").stdout)
    check("no complaint of the kernel", run(f"{TOOLS}/kernel-log", "/tmp/dmesg").stdout, "")
    sys.exit(failures > 0)

# SPDX-License-Identifier: GPL-2.0-only
"""The words for the cases, metrics and peers of tests/bench, for people.

A case that this file does not know is shown by its own name.
"""

from dataclasses import dataclass


@dataclass
class Case:
    title: str
    what: str
    point: str = ""         # what the points are; "": there is one, which says nothing
    bytes: bool = False     # points are bytes
    per: str = "pair"       # what "cost" is the cost of
    growth: bool = False    # the curve's exponent matters
    log: bool = False       # costs differ by orders of magnitude
    metrics: tuple = ("cost",)


CASES = {
    "pair": Case("A get and a put", "256 bytes, one store into the object, one CPU."),
    "exhausted": Case("A bounded pool that is sometimes exhausted",
                      "Once in 1024 pairs a get finds no object and gives up."),
    "bulk": Case("Bulk calls", "32 objects a call, each.", per="object"),
    "burst": Case("Bursts", "So many gets, then so many puts.", "objects in the burst"),
    "built": Case("Objects that take 1 µs to build",
                  "A pool builds each object once. With an allocator, each allocation is "
                  "followed by building the object."),
    "size": Case("Buffers by size", "A get and a put of a buffer, one store into it.",
                 "bytes in the buffer", bytes=True, log=True),
    "ring": Case("Rings of bytes",
                 "A write of so many bytes, and a read of them. In place: nobody copies.",
                 "bytes", bytes=True, per="write and read"),
    "one_to_one": Case("Got on one CPU, put on another",
                       "One CPU gets and hands over, one puts. ring_alone: the handing over "
                       "alone, which is part of all others.", per="object"),
    "many_to_one": Case("Many CPUs get, one puts", "As above.", "CPUs", per="object"),
    "one_to_many": Case("One CPU gets, many put", "As above.", "CPUs", per="object"),
    "pages": Case("Pages got on one CPU, put on another",
                  "As above, 4 KiB each. A page_pool is for one CPU that gets, in softirq.",
                  per="object"),
    "all_cpus": Case("All CPUs at once", "Each CPU gets and puts for itself, out of one pool.",
                     "CPUs", growth=True),
    "latency": Case("How long single calls take",
                    "Up to 1024 objects in use, up and down at random. Each figure has two "
                    "readings of the clock in it: see the peer clock.", log=True,
                    metrics=("get_p50", "get_p99", "get_p99.9", "get_max",
                             "put_p50", "put_p99", "put_p99.9", "put_max")),
    "interrupt": Case("Interrupts that get and put",
                      "While the code that they interrupt does the same without a pause. nested: "
                      "the interrupt came in the middle of a get or put of kpool. Two readings of "
                      "the clock are part of each figure.", log=True,
                      metrics=("other_p50", "other_p99", "other_p99.9", "other_max",
                               "nested_p50", "nested_p99", "nested_p99.9", "nested_max")),
    "bounded": Case("Threads that wait for one object",
                    "Eight threads share an object, and hold it for 20 µs. hand_over: from the put "
                    "to the return of the get that waited. cpu: of all threads, for each get and "
                    "put.", log=True,
                    metrics=("hand_over_p50", "hand_over_p99", "hand_over_p99.9", "hand_over_max",
                             "overtaken", "cpu")),
    "requests": Case("A request handler with eight buffers",
                     "Each request gets eight buffers of 64 B to 64 KiB, and puts them.",
                     per="request",
                     metrics=("cost", "slab_allocs", "page_allocs", "page_bytes",
                              "zeroed_bytes", "reclaims", "held_bytes")),
    "requests_all_cpus": Case("A request handler on all CPUs at once",
                              "As above, each CPU for itself. The cost is a CPU's time.", "CPUs",
                              growth=True, per="request"),
    "pools": Case("Growth with the number of pools", "Pairs go to all pools in turn.", "pools",
                  growth=True, log=True, metrics=("create", "pair", "destroy")),
    "idle": Case("Growth with the number of idle objects", "64 bytes each.", "idle objects",
                 growth=True, log=True, metrics=("put", "pair", "trim")),
    "waiters": Case("Growth with the number of waiters", "A put that hands its object off.",
                    "waiters", growth=True, log=True, per="put"),
    "magazine": Case("Growth with the size of magazines", "Bursts of 512 objects.",
                     "objects in a magazine", growth=True),
}

# Metrics that are times or instructions, and those that are not.
METRICS = {
    "cost": "cost",
    "get_p50": "get, p50", "get_p99": "get, p99", "get_p99.9": "get, p99.9", "get_max": "get, max",
    "put_p50": "put, p50", "put_p99": "put, p99", "put_p99.9": "put, p99.9", "put_max": "put, max",
    "hand_over_p50": "hand-over, p50", "hand_over_p99": "hand-over, p99",
    "hand_over_p99.9": "hand-over, p99.9", "hand_over_max": "hand-over, max",
    "cpu": "CPU time of a get and put, with the 20 µs",
    **{f"{kind}_{part}": f"pair of {words}, {part}"
       for kind, words in (("other", "an interrupt"), ("nested", "a nested interrupt"))
       for part in ("p50", "p99", "p99.9", "max")},
    "create": "creation of a pool", "destroy": "end of a pool", "pair": "get and put",
    "put": "put", "trim": "trim, each object",
}
COUNTS = {
    "overtaken": "overtaken by a later get, of 1000",
    "locks_per_1000": "depot locks per 1000 objects",
    "contended_per_1000": "of 1000 depot locks, contended",
    "slab_allocs": "slab allocator calls, per 1000 requests",
    "page_allocs": "page allocator calls, per 1000 requests",
    "page_bytes": "bytes from the page allocator, per 1000 requests",
    "zeroed_bytes": "bytes zeroed, per 1000 requests",
    "reclaims": "reclaims, per 1000 requests",
    "held_bytes": "bytes held when idle",
}

PEERS = {
    "floor": "an array, no protection at all",
    "kpool": "kpool",
    "kpool_bounded": "kpool with a bound",
    "kpool_special": "kpool with a reset callback",
    "kpool_expiring": "kpool with idle_ms",
    "kpool_mortal": "kpool with lifetime_ms",
    "kpool_checked": "kpool with a check callback",
    "kpool_debugged": "kpool with KPOOL_DEBUG",
    "kpool_sized": "kpool, buffers by size",
    "ring": "kpool ring",
    "ring_overwrite": "kpool ring that overwrites",
    "ring_in_place": "kpool ring, in place",
    "memcpy_2x": "two memcpy(), no ring",
    "callback": "the reset callback alone",
    "two_sections": "two sections without preemption alone",
    "wake_up": "a bare wake_up()",
    "ring_alone": "handing over alone",
    "semaphore": "a semaphore in front of kmalloc",
    "clock": "reading the clock alone",
}

# These are no alternatives to a pool: parts of its cost, or bounds below.
FLOORS = ("floor", "callback", "two_sections", "ring_alone", "clock", "memcpy_2x", "wake_up")

# Their bars would be so long that nobody could read the others. The tables have them.
NOT_DRAWN = ("kpool_debugged",)


def case(name):
    """The words for a case."""
    return CASES.get(name) or Case(name, "")


def cost_of(name):
    """What "cost" is the cost of, with its article."""
    per = case(name).per
    return f"an {per}" if per[0] in "aeio" else f"a {per}"


def is_kpool(peer):
    """Whether a peer is kpool itself."""
    return peer.startswith(("kpool", "ring")) and peer != "ring_alone"


def metric(name):
    """The words for a metric."""
    return METRICS.get(name) or COUNTS.get(name) or name


def point(case_name, value):
    """A point as people write it."""
    if case(case_name).bytes:
        for unit, size in (("M", 1 << 20), ("K", 1 << 10)):
            if value >= size and value % size == 0:
                return f"{value // size}{unit}"
    return f"{value:,}"

# SPDX-License-Identifier: GPL-2.0-only
"""The answer in words: is a pool worth it here, for what, and against what?

Each sentence is about what a module may use today. A pool is "worth it" if it costs less than the
cheapest of these, by more than a tenth; within a tenth it is "no difference".
"""

from . import cases, result

WORTH = 1.1

# What a pool replaces, by case.
TODAY = {
    "pair": ("kmem_cache", "kmalloc", "mempool"),
    "burst": ("kmem_cache", "kmalloc", "mempool"),
    "bulk": ("kmem_cache",),
    "built": ("kmem_cache", "kmalloc"),
    "one_to_one": ("kmem_cache", "kmalloc", "mempool"),
    "all_cpus": ("kmem_cache", "kmalloc", "mempool"),
}
ALLOCATORS = ("kmem_cache", "kmalloc", "kvmalloc", "alloc_pages", "vmalloc", "page_pool")
FOR = {
    "pair": "plain objects of 256 bytes, got and put on the same CPU",
    "burst": "bursts of {point} plain objects",
    "bulk": "plain objects in bulk, 32 a call",
    "built": "objects that take a microsecond to build",
    "one_to_one": "plain objects that one CPU gets and another puts",
    "all_cpus": "plain objects on {point} CPUs at once",
}
# Stores of objects that need no memory at all. What they cannot do stands beside them.
STORES = {
    "kfifo": "for one user at a time, without a lock",
    "objpool": "of a fixed number of objects",
    "ptr_ring": "with a lock, of a fixed number of objects",
}


def amount(value, unit):
    """A figure as people write it."""
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}"


def times(ratio):
    """How many times, without false precision."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _cheapest(run, case, point, peers):
    found = [(result.median(run, case, point, peer), peer) for peer in peers]
    found = [(value, peer) for value, peer in found if value]
    return min(found, default=None)


def _verdict(run, case, point, peers, kpool="kpool"):
    """(how many times as much the cheapest peer costs, its cost, its name, kpool's cost) or None."""
    mine = result.median(run, case, point, kpool)
    best = _cheapest(run, case, point, peers)
    return (best[0] / mine, best[0], best[1], mine) if mine and best else None


def _objects(run):
    yes, no = [], []
    for case, peers in TODAY.items():
        for point in result.ordered(run, "point", case=case)[-1 if case == "all_cpus" else 0:]:
            verdict = _verdict(run, case, point, peers)
            if not verdict:
                continue
            ratio, cost, peer, mine = verdict
            subject = FOR[case].format(point=cases.point(case, point))
            figures = f"{amount(mine, run['unit'])} against {amount(cost, run['unit'])}"
            if ratio > WORTH:
                yes.append(f"A pool is {times(ratio)} times cheaper than {peer} for {subject} "
                           f"({figures}).")
            elif ratio < 1 / WORTH:
                no.append(f"Do not use a pool for {subject}: {peer} is {times(1 / ratio)} times "
                          f"cheaper ({figures}).")
            else:
                no.append(f"It makes no difference for {subject}: kpool and {peer} cost the same "
                          f"within a tenth ({figures}).")
    return yes, no


def _sizes(run):
    """From which size on buffers are worth it, and what they save at the largest."""
    points = result.ordered(run, "point", case="size")
    verdicts = [(p, _verdict(run, "size", p, ALLOCATORS, "kpool_sized")) for p in points]
    verdicts = [(p, v) for p, v in verdicts if v]
    worth = [p for p, v in verdicts if v[0] > WORTH]
    if not verdicts:
        return [], []
    # The sizes from which on all larger ones are worth it.
    first = None
    for point, verdict in reversed(verdicts):
        if verdict[0] <= WORTH:
            break
        first = point
    yes, no = [], []
    if first is not None:
        point, (ratio, cost, peer, mine) = verdicts[-1]
        yes.append(f"A set of buffers is cheaper than every allocator from "
                   f"{cases.point('size', first)} bytes on. At {cases.point('size', point)} it is "
                   f"{times(ratio)} times cheaper than {peer} ({amount(mine, run['unit'])} against "
                   f"{amount(cost, run['unit'])}).")
    others = [cases.point("size", p) for p, _ in verdicts if p not in worth]
    if others:
        no.append(f"A set of buffers gains less than a tenth, or loses, at these sizes: "
                  f"{', '.join(others)} bytes.")
    return yes, no


def _stores(run):
    no = []
    mine = result.median(run, "pair", None, "kpool")
    for peer, what in STORES.items():
        cost = result.median(run, "pair", None, peer)
        if mine and cost and cost < mine / WORTH:
            no.append(f"If a {peer} can do the job ({what}), it is cheaper: "
                      f"{amount(cost, run['unit'])} against {amount(mine, run['unit'])}.")
    return no


def _requests(run):
    yes = []
    pairs = [("page_allocs", "calls of the page allocator"), ("zeroed_bytes", "bytes zeroed")]
    for metric, what in pairs:
        pool = result.median(run, "requests", None, "kpool_sized", metric)
        other = result.median(run, "requests", None, "kmalloc", metric)
        if pool is not None and other:
            yes.append(f"A thousand requests with eight buffers each: {other:,.0f} {what} with "
                       f"kmalloc, {pool:,.0f} with a set of buffers.")
    return yes


def _drawbacks(run):
    """What a pool costs besides: where it is dearer, what it keeps, what it has to earn first."""
    unit, no = run["unit"], []

    def median(case, point, peer, metric="cost"):
        return result.median(run, case, point, peer, metric)

    nested, other = (median("interrupt", None, peer, metric) for peer, metric in
                     (("kpool", "nested_p50"), ("kmem_cache", "other_p50")))
    if nested and other and nested > other * WORTH:
        no.append(f"An interrupt that comes in the middle of a get or put finds the pool busy, and "
                  f"pays {amount(nested, unit)} for a pair. With kmem_cache it pays "
                  f"{amount(other, unit)}.")
    for point in result.ordered(run, "point", case="ring"):
        mine, kfifo = (median("ring", point, peer) for peer in ("ring_overwrite", "kfifo"))
        if mine and kfifo and mine > kfifo * WORTH:
            no.append(f"A ring that overwrites is {times(mine / kfifo)} times dearer than a kfifo, "
                      f"which cannot overwrite, for {cases.point('ring', point)} bytes "
                      f"({amount(mine, unit)} against {amount(kfifo, unit)}).")
    mine, wake = median("waiters", 1, "kpool"), median("waiters", 1, "wake_up")
    if mine and wake and mine > wake * WORTH:
        no.append(f"A put that hands its object off to a waiter costs {amount(mine, unit)}. A bare "
                  f"wake_up() costs {amount(wake, unit)}.")
    held = median("requests", None, "kpool_sized", "held_bytes")
    if held:
        no.append(f"Idle buffers keep their memory: {held:,.0f} bytes in the request handler, "
                  f"where kmalloc keeps none.")
    create, destroy = (median("pools", 1, "kpool", m) for m in ("create", "destroy"))
    mine, cache = (median("pair", None, peer) for peer in ("kpool", "kmem_cache"))
    if create and destroy and mine and cache and cache > mine:
        no.append(f"A pool has to earn its own creation and end first: {amount(create, unit)} and "
                  f"{amount(destroy, unit)}. That is what "
                  f"{(create + destroy) / (cache - mine):,.0f} gets and puts of plain objects save.")
    return no


def sentences(run):
    """What a pool is worth (a list of sentences), and where it is not (another list)."""
    yes, no = _objects(run)
    more = _sizes(run)
    return yes + more[0] + _requests(run), no + more[1] + _stores(run) + _drawbacks(run)

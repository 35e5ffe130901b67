#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long CPUs wait for each other at a depot, by simulation of 1 to 64 CPUs:

    depot.py [--op NS] [--hold NS] [--magazine OBJECTS] [--cpus LIST]

Each CPU gets and puts in its own magazine, one operation after another. After as many operations as a
magazine has objects, the CPU exchanges the magazine: it takes the depot's lock, and holds it for a
while. That is the worst case for a pool: CPUs that only get and CPUs that only put. CPUs that do both
come to the depot less often. The lock serves the CPUs in the order in which they come, as the kernel's
spinlocks do.

The table has two halves: magazines that keep their size, and magazines that grow by the rule of
module/policy/adapt.c. waited is the part of the lock's holds that had to wait. cost is the time of an
operation, relative to a CPU that is alone.
"""

import argparse
import heapq
import random

# As in module/policy/adapt.c and module/store/depot.h.
MOST = 256
CONTENDED_ONE_IN = 32
CONTENDED_MANY = 1024

# Holds of the lock in a run, and those that come first, while magazines may still grow.
HOLDS = 40000
WARM_UP = 160000


def simulate(cpus, magazine, op, hold, adapt):
    """The part of the holds that waited, the time of an operation, and the size of the magazines."""
    chance = random.Random(cpus)
    # CPUs do not run in step: each stretch between two exchanges has its own length.
    stretch = lambda: magazine * op * chance.uniform(0.7, 1.3)
    arrivals = [(stretch(), cpu) for cpu in range(cpus)]
    heapq.heapify(arrivals)
    free = contended = looked = looked_contended = 0
    counted = counted_contended = counted_ops = begin = 0

    for holds in range(WARM_UP + HOLDS):
        if holds == WARM_UP:
            counted, counted_contended, counted_ops, begin = holds, contended, 0, free
        now, cpu = heapq.heappop(arrivals)
        if free > now:
            contended += 1
            if adapt and contended - looked_contended >= CONTENDED_MANY:
                if (contended - looked_contended) * CONTENDED_ONE_IN >= holds - looked:
                    magazine = min(2 * magazine, MOST)
                looked, looked_contended = holds, contended
        free = max(free, now) + hold
        counted_ops += magazine
        heapq.heappush(arrivals, (free + stretch(), cpu))
    return ((contended - counted_contended) / (holds + 1 - counted),
            (free - begin) * cpus / counted_ops, magazine)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--op", type=float, required=True, help="nanoseconds of a get or put that hits")
    parser.add_argument("--hold", type=float, required=True, help="nanoseconds of a hold of the lock")
    parser.add_argument("--magazine", type=int, default=64, help="objects in a magazine (default 64)")
    parser.add_argument("--cpus", default="1,2,4,8,16,32,64")
    args = parser.parse_args()

    alone = args.op + args.hold / args.magazine
    print(f"{'':>6}  {'magazines of ' + str(args.magazine):>16}  {'magazines that grow':>25}")
    print(f"{'CPUs':>6}  {'waited':>8}{'cost':>8}  {'objects':>8}{'waited':>9}{'cost':>8}")
    for cpus in (int(n) for n in args.cpus.split(",")):
        waited, cost, _ = simulate(cpus, args.magazine, args.op, args.hold, False)
        less, lower, grown = simulate(cpus, args.magazine, args.op, args.hold, True)
        print(f"{cpus:6}  {waited:8.1%}{cost / alone:8.2f}  {grown:8}{less:9.1%}{lower / alone:8.2f}")


if __name__ == "__main__":
    main()

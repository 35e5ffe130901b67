# SPDX-License-Identifier: GPL-2.0-only
"""Shows kpool's pools in the running kernel, or in an image of a machine's memory, with drgn.

    drgn -k -s kpool.ko kpool.py [--stacks] [POOL]...
    drgn -c IMAGE -s vmlinux -s kpool.ko kpool.py [--stacks] [POOL]...

POOL is a name or an id. Without POOL: a line for each pool. With POOL: all that the kernel's memory
says about that pool. --stacks adds the stacks of gets that wait, and of gets that are tracked.

vmlinux and kpool.ko are the files that the kernel was built with, with debugging information. A
running kernel goes on meanwhile, so figures need not fit each other.
"""

import argparse
import struct
import sys

import drgn
from drgn import FaultError, Object, cast
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.percpu import per_cpu_ptr
from drgn.helpers.linux.rbtree import rbtree_inorder_for_each_entry
from drgn.helpers.linux.xarray import xa_for_each

NO_LIMIT = 2**32 - 1  # KPOOL_UNLIMITED, KPOOL_KEEP_NONE
ULONG_MAX = 2**64 - 1
KP_DEBUG, KP_FAULTS, KP_TRACK = 1, 2, 4  # enum kp_instrument
# The figures of kpool_stats() that count teardowns, by enum kp_cause.
CAUSES = {
    "KP_MAX_IDLE": "over_max_idle",
    "KP_OVER_MAX": "over_max",
    "KP_OVERFLOW": "overflow_ended",
    "KP_NO_MAGAZINE": "no_magazine",
    "KP_BYPASS": "bypass_ended",
    "KP_UNDONE": "undone",
    "KP_SAMPLED": "sampled",
    "KP_TRIM": "trimmed",
    "KP_PRESSURE": "reclaimed",
    "KP_SHUTDOWN": "shut_down",
    "KP_IDLE_AGE": "idle_expired",
    "KP_LIFETIME": "lifetime_expired",
    "KP_UNHEALTHY": "unhealthy",
    "KP_DISCARDED": "discarded",
}


def text(chars):
    return chars.string_().decode(errors="backslashreplace")


def word(enumerator):
    """The enumerator's name without its prefix: KPOOL_STATE_LIVE is live."""
    name = enumerator.format_(type_name=False)
    return name.replace("KPOOL_STATE_", "").replace("GATE_", "").lower()


def counter(atomic):
    """The value of an atomic_t, atomic_long_t or atomic64_t."""
    return atomic.counter.value_()


def milliseconds(ns):
    return f"{ns / 1e6:.0f} ms"


class Kernel:
    """What the kernel itself has, and kpool looks at."""

    def __init__(self, prog):
        self.prog = prog
        # The tick is TICK_NSEC << JIFFIES_SHIFT there. HZ has no variable.
        clock = prog["clocksource_jiffies"]
        self.tick_ns = clock.mult.value_() >> clock.shift.value_()
        self.cpus = list(for_each_possible_cpu(prog))

    def since_jiffies(self, jiffies):
        return (self.prog["jiffies_64"].value_() - jiffies.value_()) * self.tick_ns

    def now_ns(self):
        """ktime_get() at the last tick."""
        mono = self.prog["tk_core"].timekeeper.tkr_mono
        return mono.base.value_() + (mono.xtime_nsec.value_() >> mono.shift.value_())

    def function(self, address):
        """FUNCTION+OFFSET; MODULE+OFFSET if drgn does not have the symbols of the module."""
        if not address:
            return "an unknown function"
        try:
            symbol = self.prog.symbol(address)
            return f"{symbol.name}+{address - symbol.address:#x}"
        except LookupError:
            pass
        for module in list_for_each_entry(
            "struct module", self.prog["modules"].address_of_(), "list"
        ):
            for base, size in text_of(module):
                if base <= address < base + size:
                    return f"{address:#x} [{text(module.name)}]"
        return f"{address:#x}"

    def saved_stack(self, handle):
        """The functions of a stack in the stack depot."""
        if not handle:
            return []
        order = "<" if self.prog.platform.flags & drgn.PlatformFlags.IS_LITTLE_ENDIAN else ">"
        parts = Object.from_bytes_(
            self.prog, "union handle_parts", struct.pack(order + "I", handle)
        )
        # Names of 6.1, of 6.3 and later ones.
        try:
            pool = self.prog["stack_slabs"][parts.slabindex]
        except LookupError:
            pools = self.prog["stack_pools"]
            try:
                pool = pools[parts.pool_index_plus_1 - 1]
            except AttributeError:
                pool = pools[parts.pool_index]
        align = 4  # STACK_ALLOC_ALIGN, DEPOT_STACK_ALIGN
        record = cast("struct stack_record *", pool + (parts.offset.value_() << align))
        return [record.entries[i].value_() for i in range(record.size.value_())]

    def print_stack(self, addresses):
        for address in addresses:
            print(f"        {self.function(address)}")


def text_of(module):
    """The address and size of a module's memory."""
    try:
        yield module.core_layout.base.value_(), module.core_layout.size.value_()
    except AttributeError:  # since 6.4
        for memory in module.mem:
            yield memory.base.value_(), memory.size.value_()


def all_pools(prog):
    try:
        pools = prog.variable("pools", "base/registry.c")
    except LookupError:
        sys.exit("kpool.py: no debugging information of kpool.ko: start drgn with -s kpool.ko")
    for _, entry in xa_for_each(pools.address_of_()):
        yield cast("struct kp_pool *", entry)


class Pool:
    def __init__(self, kernel, pool):
        self.kernel, self.prog, self.p = kernel, pool.prog_, pool
        self.name, self.id = text(pool.name), pool.id.value_()

    def caches(self):
        """The number and the cache of each CPU."""
        for cpu in self.kernel.cpus:
            yield cpu, per_cpu_ptr(self.p.kpool.cpu, cpu)

    def depots(self):
        for i in range(self.p.nr_depots.value_()):
            yield i, self.p.depots[i]

    def loaded(self, cache):
        """The objects in a CPU's loaded magazine, and its room: 0 if the cache is closed."""
        magazine = cache.loaded.read_()
        room = magazine.room.value_()
        level = (cache.top.value_() - magazine.objs.address_of_().value_()) // 8
        # The cache's CPU may load another magazine meanwhile.
        return (level, room) if 0 <= level <= room else (0, room)

    def spare(self, cache):
        """The objects in a CPU's spare, or None."""
        spare = cache.spare.read_()
        return spare.count.value_() if spare else None

    def reserve_idle(self):
        waitlist = self.p.waitlist
        return waitlist.reserve_idle.value_() if waitlist else 0

    def idle(self):
        n = self.reserve_idle()
        n += sum(self.loaded(c)[0] + (self.spare(c) or 0) for _, c in self.caches())
        return n + sum(depot.objects.value_() for _, depot in self.depots())

    def memory(self):
        """As kp_memory() in store/weigh.c."""
        p, waitlist = self.p, self.p.waitlist
        existing = counter(p.existing)
        pieces = waitlist.pieces.value_() if waitlist else 0
        size = (existing + pieces) * p.footprint.value_() + existing * p.extra_bytes.value_()
        if p.backing == self.prog["KPOOL_BACKING_KVMALLOC"]:
            more = p.vmalloc_size.value_() - p.footprint.value_()
            size += min(counter(p.vmalloced), existing + pieces) * more
        return size + max(counter(p.accounted), 0)

    def limits(self):
        """All limits as NAME=VALUE. 0 and NO_LIMIT are read as kpool_create() reads them."""
        p = self.p
        for name in ("min_idle", "max_idle", "max", "reserve", "idle_ms", "lifetime_ms"):
            value = getattr(p, name).value_()
            if name == "max_idle" and p.nothing_idle:
                yield name, "nothing"
            elif name in ("max", "max_idle", "idle_ms", "lifetime_ms") and value in (0, NO_LIMIT):
                yield name, "none"
            else:
                yield name, value
        yield "magazine", p.magazine.value_()

    def counters(self):
        """The figures of kpool_stats() that are counters."""
        p = self.p
        caches = [cache for _, cache in self.caches()]
        yield "gets", counter(p.nested_gets) + sum(c.gets.value_() for c in caches)
        yield "puts", counter(p.nested_puts) + sum(c.puts.value_() for c in caches)
        yield "get_misses", sum(c.get_misses.value_() for c in caches)
        yield "put_misses", sum(c.put_misses.value_() for c in caches)
        yield "depot_gets", sum(depot.gets.value_() for _, depot in self.depots())
        yield "depot_puts", sum(depot.puts.value_() for _, depot in self.depots())
        yield "sent_home", sum(
            depot.away.sent_home.value_() for _, depot in self.depots() if depot.away
        )
        yield "contended", sum(depot.contended.value_() for _, depot in self.depots())
        for name in (
            "created", "destroyed", "building", "build_failures", "ctor_failures", "built_nolock",
            "deferred", "close_retries", "misused", "faults_made", "mapped_only", "vmalloced",
            "accounted", "magazine_bytes",
        ):
            yield name, counter(getattr(p, name))
        if p.huge:
            yield "huge_pages", counter(p.huge.nr_pages)
            yield "carved", counter(p.huge.carved)
        for name, value in self.prog.type("enum kp_cause").enumerators:
            if name in CAUSES:
                yield CAUSES[name], counter(p.gone[value])
        waitlist = p.waitlist
        if not waitlist:
            return
        for name in ("waits", "exhausted", "overflow", "sweeps", "reserve_used"):
            yield name, getattr(waitlist, name).value_()
        yield "existing_peak", waitlist.slots_peak.value_()
        yield "waiting_peak", waitlist.waiting_peak.value_()
        yield "wait_ns", counter(waitlist.wait_ns)
        yield "wait_max_ns", counter(waitlist.longest_ns)
        yield "timeouts", counter(waitlist.timeouts)
        yield "interrupted", counter(waitlist.interrupted)

    def print_head(self):
        p = self.p
        print(f"pool {self.name} (id {self.id}) of {text(p.owner_name) or 'the kernel'}")
        state = word(p.state) + (", bypassed" if p.bypass else "")
        print(f"  state     {state}; caches are {self.gate()}; {counter_refs(p)} references")
        on = [n for bit, n in ((KP_DEBUG, "debug"), (KP_FAULTS, "faults"), (KP_TRACK, "track"))
              if p.instruments.value_() & bit]
        print(f"  instruments {' '.join(on) or 'none'}")
        print(f"  objects   {p.size.value_()} bytes each, {p.footprint.value_()} allocated; "
              f"{counter(p.existing)} exist, {self.idle()} idle, "
              f"{counter(p.existing) - counter(p.kept)} closing; {self.memory()} bytes in all")
        print("  limits    " + " ".join(f"{name}={value}" for name, value in self.limits()))
        if p.class_link.set:
            print(f"  class     {p.class_link.number.value_()} of set "
                  f"{text(p.class_link.set.name)}")

    def gate(self):
        return {"open": "open", "waiting": "closed: gets wait", "shut": "closed for ever"}.get(
            word(self.p.gate), "?")

    def print_caches(self):
        print("  CPU caches, objects/room")
        for cpu, cache in self.caches():
            level, room = self.loaded(cache)
            loaded = f"loaded {level}/{room}" if room else "closed"
            spare = self.spare(cache)
            room = self.p.magazine_room.value_()
            spare = "no spare" if spare is None else f"spare {spare}/{room}"
            busy = ", in use now" if cache.state.value_() & 1 else ""
            print(f"    cpu {cpu}: {loaded}, {spare}{busy}; {cache.gets.value_()} gets, "
                  f"{cache.puts.value_()} puts")

    def print_depots(self):
        print("  depots")
        for i, depot in self.depots():
            node = i if self.p.nr_depots > 1 else self.p.node.value_()
            where = "all nodes" if node < 0 else f"node {node}"
            counts = [
                magazine.count.value_() for magazine in list_for_each_entry(
                    "struct kpool_magazine", depot.full.address_of_(), "list")
            ]
            print(f"    {where}: {depot.objects.value_()} objects in {len(counts)} magazines "
                  f"{counts}, {depot.empties.value_()} empty magazines")
        if self.p.waitlist:
            print(f"    reserve list: {self.reserve_idle()} objects")

    def print_waiters(self, stacks):
        waitlist = self.p.waitlist
        if not waitlist:
            print("  wait list: none, as the pool has neither max nor reserve")
            return
        most = waitlist.max.value_()
        print(f"  wait list: {waitlist.waiting.value_()} wait; {waitlist.slots.value_()} of "
              f"{'any number' if most == ULONG_MAX else most} slots in use")
        now = self.kernel.now_ns()
        for w in rbtree_inorder_for_each_entry(
            "struct kp_waiter", waitlist.waiters.rb_root.address_of_(), "node"
        ):
            print(f"    pid {w.task.pid.value_()} {text(w.task.comm)}: wants {w.wanted.value_()}, "
                  f"got {w.got.value_()}, may build {w.slots.value_()}; waits for "
                  f"{milliseconds(max(now - w.began.value_(), 0))}")
            if stacks:
                self.print_task(w.task)

    def print_task(self, task):
        try:
            for frame in self.prog.stack_trace(task):
                print(f"        {frame.name or self.kernel.function(frame.pc)}")
        except (ValueError, LookupError) as error:
            print(f"        no stack: {error}")

    def holders(self):
        """The records of objects in use, of each instrument that has records."""
        p = self.p
        if p.track:
            yield from list_for_each_entry(
                "struct kp_record", p.track.records.in_order.address_of_(), "in_order")
        if p.debug:
            for r in list_for_each_entry(
                "struct kp_record", p.debug.records.in_order.address_of_(), "in_order"
            ):
                # The pools of a set share records. Tracked objects were seen above.
                if r.owner.value_() == p.value_() and r.out:
                    yield r

    def print_holders(self, stacks):
        if not self.p.track and not self.p.debug:
            print("  holders: unknown, as the pool is neither tracked nor debugged")
            return
        print("  holders")
        for r in self.holders():
            got = r.got
            pid = got.pid.value_()
            who = f"pid {pid} {text(got.comm)}" if pid else text(got.comm)
            print(f"    object {r.obj.value_():#x}: {who}, in use for "
                  f"{milliseconds(self.kernel.since_jiffies(got.since))}, "
                  f"since a get by {self.kernel.function(got.caller.value_())}")
            if stacks:
                self.kernel.print_stack(self.kernel.saved_stack(got.stack.value_()))

    def print_counters(self):
        print("  counters that are not 0")
        for name, value in self.counters():
            if value:
                print(f"    {name:<18}{value}")

    def print_all(self, stacks):
        """A list that changes meanwhile, or that a wild write has hit, ends only its own part."""
        for part in (self.print_head, self.print_caches, self.print_depots,
                     lambda: self.print_waiters(stacks), lambda: self.print_holders(stacks),
                     self.print_counters):
            try:
                part()
            except FaultError as error:
                print(f"    cannot read more here: {error}")


def counter_refs(pool):
    return pool.refs.refs.counter.value_()


def print_list(pools):
    row = "{:>5} {:<31} {:<9} {:>8} {:>8} {:>8} {:>7} {:>12}  {}"
    print(row.format("ID", "NAME", "STATE", "MAX", "EXISTING", "IDLE", "WAITING", "MEMORY",
                     "OTHER LIMITS"))
    for pool in pools:
        try:
            limits = dict(pool.limits())
            most = limits.pop("max")
            waitlist = pool.p.waitlist
            print(row.format(
                pool.id, pool.name, word(pool.p.state), most, counter(pool.p.existing),
                pool.idle(), waitlist.waiting.value_() if waitlist else "-", pool.memory(),
                " ".join(f"{n}={v}" for n, v in limits.items() if v not in (0, "none"))))
        except FaultError as error:
            print(f"{pool.id:>5} {pool.name}: cannot read more: {error}")


def main(prog):
    parser = argparse.ArgumentParser(
        prog="kpool.py", description="Shows kpool's pools in a kernel's memory.")
    parser.add_argument("--stacks", action="store_true", help="stacks of waiters and holders")
    parser.add_argument("pool", nargs="*", help="a name or an id; default: a list of all pools")
    args = parser.parse_args()

    kernel = Kernel(prog)
    pools = [Pool(kernel, pool) for pool in all_pools(prog) if pool]
    if not args.pool:
        print_list(pools)
        return
    for wanted in args.pool:
        # A detached pool and a new one can have the same name.
        found = [pool for pool in pools if wanted in (pool.name, str(pool.id))]
        if not found:
            sys.exit(f"kpool.py: there is no pool {wanted}")
        for pool in found:
            pool.print_all(args.stacks)


main(prog)  # noqa: F821 - drgn sets prog

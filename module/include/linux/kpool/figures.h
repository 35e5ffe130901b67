/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: the limits and the figures of a pool. <linux/kpool.h> includes this header and has the
 * calls that return them; <linux/kpool/sized_figures.h> has the figures of a set of buffers.
 */
#ifndef _LINUX_KPOOL_FIGURES_H
#define _LINUX_KPOOL_FIGURES_H

#include <linux/bits.h>
#include <linux/types.h>

/**
 * enum kpool_limit - names the fields of &struct kpool_limits, for kpool_retune_some()
 * @KPOOL_LIMIT_MIN_IDLE: min_idle
 * @KPOOL_LIMIT_MAX_IDLE: max_idle
 * @KPOOL_LIMIT_MAX: max
 * @KPOOL_LIMIT_RESERVE: reserve
 * @KPOOL_LIMIT_IDLE_MS: idle_ms
 * @KPOOL_LIMIT_LIFETIME_MS: lifetime_ms
 * @KPOOL_LIMIT_MAGAZINE: magazine
 * @KPOOL_LIMIT_ALL: all fields
 */
enum kpool_limit {
	KPOOL_LIMIT_MIN_IDLE	= BIT(0),
	KPOOL_LIMIT_MAX_IDLE	= BIT(1),
	KPOOL_LIMIT_MAX		= BIT(2),
	KPOOL_LIMIT_RESERVE	= BIT(3),
	KPOOL_LIMIT_IDLE_MS	= BIT(4),
	KPOOL_LIMIT_LIFETIME_MS	= BIT(5),
	KPOOL_LIMIT_MAGAZINE	= BIT(6),
	KPOOL_LIMIT_ALL		= BIT(7) - 1,
};

/**
 * struct kpool_limits - limits that kpool_retune_some() can change, see &struct kpool_params
 * @min_idle: objects that the pool keeps idle
 * @max_idle: the number of idle objects never exceeds this
 * @max: the number of existing objects never exceeds this; 0: no limit
 * @reserve: the number of existing objects never falls below this
 * @idle_ms: milliseconds that an object may be idle
 * @lifetime_ms: milliseconds that an object may exist
 * @magazine: objects in one of the two magazines of a CPU; 0: kpool chooses by the object's
 *	size, and as small as @max_idle, @max and kpool.ko's parameter cache_bytes require
 * @magazine_now: objects in one of the two magazines of a CPU as they are now, after all these
 *	limits; 0: the pool works without magazines. kpool_limits() sets this. kpool_retune() does
 *	not look at it.
 */
struct kpool_limits {
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int max;
	unsigned int reserve;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
	unsigned int magazine;
	unsigned int magazine_now;
};

/**
 * struct kpool_stats - figures of a pool since its creation
 * @existing: objects that exist now; exact at any time
 * @idle: objects idle in caches and depots; a sum over all CPUs
 * @in_use: objects that consumers hold: @existing minus @idle minus @closing
 * @closing: objects on their way out: a worker is to tear them down, or their teardown is under
 *	way
 * @building: objects that are being built, or that a worker is to build for a get. They have their
 *	share of max already, but are not part of @existing
 * @mapped_only: those of @in_use that their consumer has put, and that only mappings in processes
 *	keep: rings of a pool with %KPOOL_RING_MAPPABLE, see <linux/kpool_ring.h>
 * @created: objects built
 * @destroyed: objects torn down
 * @gets: objects that gets returned
 * @puts: objects that puts took
 * @get_misses: gets that the CPU's cache had no object for
 * @put_misses: puts that the CPU's cache had no room for
 * @depot_gets: magazines and single objects taken from a depot
 * @depot_puts: magazines and single objects given to a depot
 * @contended: times that a CPU had to wait for a depot's lock to exchange a magazine; see the
 *	module parameter adapt
 * @sent_home: objects that went from the depot of another node to that of their own; 0 without
 *	%KPOOL_NUMA_STRICT
 * @build_failures: builds that failed, because memory was short or ctor failed
 * @ctor_failures: builds that failed because ctor returned an error, -ENOMEM included; the other
 *	@build_failures are kpool's own
 * @built_nolock: objects built where a get may wait for no lock: in NMI, in pools with
 *	%KPOOL_ANYCTX, and on PREEMPT_RT in atomic context; 0 before Linux 7
 * @trimmed: idle objects that ageing, kpool_trim() and a smaller reserve tore down
 * @over_max_idle: objects torn down because max_idle had no room for them
 * @reclaimed: idle objects torn down because the system was short of memory
 * @idle_expired: objects torn down because they were idle for longer than idle_ms
 * @lifetime_expired: objects torn down because they existed for longer than lifetime_ms
 * @unhealthy: objects torn down because check found them unhealthy
 * @discarded: objects that kpool_discard() took to be torn down
 * @shut_down: objects torn down because the pool is being destroyed
 * @over_max: objects torn down because max became smaller
 * @overflow_ended: objects torn down by puts because %KPOOL_OVERFLOW had built more than max
 * @no_magazine: objects torn down because there was no memory for a magazine that keeps them
 * @bypass_ended: objects torn down because the pool is bypassed, and keeps nothing
 * @undone: objects torn down because another object of the same get could not be built
 * @sampled: objects torn down by puts for memory debuggers: kpool.ko's parameter sample_bypass
 * @deferred: puts and teardowns that were left to an irq_work or a worker
 * @close_retries: CPU caches that were busy when an interrupt came to close them
 * @misused: wrong gets, puts and writes that a debugged pool has reported, see %KPOOL_DEBUG
 * @faults: calls that failed on purpose, because an administrator asked for that
 * @tracked: objects in use whose holder is known, because an administrator had the pool tracked
 * @held_max_ms: milliseconds since the oldest of these gets
 * @leaks: objects that a tracked pool has reported as held for too long
 * @waiting: gets that wait now
 * @waits: gets that waited
 * @wait_ns: nanoseconds that gets waited, all together
 * @wait_max_ns: nanoseconds that the longest of these waits took
 * @waiting_ns: nanoseconds that the gets that wait now have waited so far, all together
 * @wait_oldest_ns: nanoseconds that the first of these gets has waited so far
 * @timeouts: gets whose wait ended with a timeout; not those whose ctor returned -ETIMEDOUT
 * @interrupted: gets whose wait a signal ended
 * @exhausted: times that a get found max objects existing and none idle within reach; the get then
 *	collected idle objects of other CPUs, waited or failed
 * @overflow: objects that %KPOOL_OVERFLOW had built beyond max
 * @sweeps: times that CPU caches were closed for waiting gets, or for gets that would have failed
 * @existing_peak: the most objects that existed or were being built at a time
 * @waiting_peak: the most gets that waited at a time
 * @reserve_used: gets that found no memory, but got an object
 * @huge_pages: huge pages of 2 MiB that the pool has now; 0 without %KPOOL_HUGE_PAGES
 * @carved: pieces of these pages that are in use: the memory of objects, and what the reserve keeps
 *	without an object. Other objects found no huge page.
 * @memory: bytes that the objects hold now: their own memory, the memory that the reserve keeps
 *	without an object, &kpool_params.extra_bytes of each object, and @accounted. Slab memory
 *	counts as it was asked for, pages count whole
 * @overhead: bytes that the pool holds now besides @memory: its struct, the caches of the CPUs,
 *	magazines, the wait list, workers, the free pieces of its huge pages, and the records of
 *	objects in a debugged pool, but not those of a tracked one
 * @accounted: sum of the changes that kpool_account() has noted; 0 when no object exists
 *
 * The figures from @waiting to @reserve_used are only for pools with max or reserve.
 *
 * Each teardown has one cause: the figures from @trimmed to @sampled add up to @destroyed plus the
 * objects that are on their way out, when the pool is quiet.
 *
 * In each reading @created == @destroyed + @existing, and @existing == @idle + @in_use + @closing.
 * @gets == @puts + @in_use when the pool is quiet.
 */
struct kpool_stats {
	u64 existing;
	u64 idle;
	u64 in_use;
	u64 closing;
	u64 building;
	u64 mapped_only;
	u64 created;
	u64 destroyed;
	u64 gets;
	u64 puts;
	u64 get_misses;
	u64 put_misses;
	u64 depot_gets;
	u64 depot_puts;
	u64 contended;
	u64 sent_home;
	u64 build_failures;
	u64 ctor_failures;
	u64 built_nolock;
	u64 trimmed;
	u64 over_max_idle;
	u64 reclaimed;
	u64 idle_expired;
	u64 lifetime_expired;
	u64 unhealthy;
	u64 discarded;
	u64 shut_down;
	u64 over_max;
	u64 overflow_ended;
	u64 no_magazine;
	u64 bypass_ended;
	u64 undone;
	u64 sampled;
	u64 deferred;
	u64 close_retries;
	u64 misused;
	u64 faults;
	u64 tracked;
	u64 held_max_ms;
	u64 leaks;
	u64 waiting;
	u64 waits;
	u64 wait_ns;
	u64 wait_max_ns;
	u64 waiting_ns;
	u64 wait_oldest_ns;
	u64 timeouts;
	u64 interrupted;
	u64 exhausted;
	u64 overflow;
	u64 sweeps;
	u64 existing_peak;
	u64 waiting_peak;
	u64 reserve_used;
	u64 huge_pages;
	u64 carved;
	u64 memory;
	u64 overhead;
	s64 accounted;
};

#endif /* _LINUX_KPOOL_FIGURES_H */

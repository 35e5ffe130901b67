// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics. Each counter is where counting costs least, and this file adds the counters up. So a
 * sum over busy CPUs is not the state of one moment. view/ shows the statistics.
 */
#include <linux/minmax.h>

#include "base/export.h"
#include "base/track.h"
#include "pool.h"
#include "store/huge.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "store/waiters.h"
#include "store/waitlist.h"
#include "store/weigh.h"

/*
 * Idle objects in the depots and spares of all pools, and an estimate for loaded magazines, as one
 * part for each CPU. A slow path that
 * inserts or takes a magazine changes the part of its own CPU. So CPUs never share a part. One part
 * alone means nothing, because another CPU may take objects that this CPU inserted. The sum costs
 * one read for each possible CPU, no matter how many pools and objects exist. The type is local_t
 * because NMIs change parts, too.
 */
local_t __percpu *kp_reclaimable;

/* Called before any pool exists. Context: process context, sleeps. Return: 0 or -ENOMEM. */
int kp_stats_init(void)
{
	kp_reclaimable = alloc_percpu(local_t);
	return kp_reclaimable ? 0 : -ENOMEM;
}

/* Called after the memory of the last pool was freed. */
void kp_stats_exit(void)
{
	free_percpu(kp_reclaimable);
}

/**
 * kp_cpu_capacity() - how many objects a CPU's loaded magazine has room for
 * @c: the cache
 *
 * Context: any.
 * Return: 0 if the cache is closed.
 */
unsigned int kp_cpu_capacity(const struct kpool_cpu *c)
{
	unsigned int room;

	/* RCU keeps the magazine's memory. load() sets room before it sets loaded. */
	rcu_read_lock();
	room = READ_ONCE(READ_ONCE(c->loaded)->room);
	rcu_read_unlock();
	return room;
}
EXPORT_SYMBOL_FOR_TESTS(kp_cpu_capacity);

/**
 * kp_cpu_loaded() - how many objects are in a CPU's loaded magazine
 * @c: the cache
 *
 * This reads loaded and top one after the other, and the cache's CPU may load another magazine
 * meanwhile. If top does not point into the magazine that was read, the result is 0.
 *
 * Context: any.
 */
unsigned int kp_cpu_loaded(const struct kpool_cpu *c)
{
	const struct kpool_magazine *mag;
	unsigned long n;

	/* RCU keeps the magazine's memory. load() sets room before it sets loaded. */
	rcu_read_lock();
	mag = READ_ONCE(c->loaded);
	n = ((unsigned long)READ_ONCE(c->top) - (unsigned long)mag->objs) / sizeof(void *);
	if (n > READ_ONCE(mag->room))
		n = 0;
	rcu_read_unlock();
	return n;
}
EXPORT_SYMBOL_FOR_TESTS(kp_cpu_loaded);

/**
 * kp_cpu_idle() - how many objects are in a CPU's loaded magazine and spare
 * @c: the cache
 *
 * RCU keeps the memory of the spare during the look.
 *
 * Context: any.
 */
unsigned int kp_cpu_idle(struct kpool_cpu *c)
{
	struct kpool_magazine *spare;
	unsigned int n = kp_cpu_loaded(c);

	rcu_read_lock();
	spare = READ_ONCE(c->spare);
	if (spare)
		n += READ_ONCE(spare->count);
	rcu_read_unlock();
	return n;
}

/* How many objects are in all caches and depots, and in the reserve list. */
unsigned long kp_idle(struct kp_pool *pool)
{
	unsigned long n = 0;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu)
		n += kp_cpu_idle(per_cpu_ptr(pool->kpool.cpu, cpu));
	for (i = 0; i < pool->nr_depots; i++)
		n += READ_ONCE(pool->depots[i].objects);
	return n + kp_reserve_idle(pool);
}

/* Waits of a class are shorter than this, in nanoseconds. The last class has no bound. */
u64 kp_wait_class_ns(unsigned int class)
{
	return class == WAIT_CLASSES - 1 ? U64_MAX : 1ULL << (WAIT_SHIFT + class);
}

static void waitlist_stats(struct kp_waitlist *waitlist, struct kpool_stats *stats)
{
	stats->waiting = READ_ONCE(waitlist->waiting);
	stats->waits = READ_ONCE(waitlist->waits);
	stats->wait_ns = atomic64_read(&waitlist->wait_ns);
	stats->wait_max_ns = atomic64_read(&waitlist->longest_ns);
	kp_waits_now(waitlist, &stats->waiting_ns, &stats->wait_oldest_ns);
	stats->timeouts = atomic64_read(&waitlist->timeouts);
	stats->interrupted = atomic64_read(&waitlist->interrupted);
	stats->exhausted = READ_ONCE(waitlist->exhausted);
	stats->overflow = READ_ONCE(waitlist->overflow);
	stats->sweeps = READ_ONCE(waitlist->sweeps);
	stats->existing_peak = READ_ONCE(waitlist->slots_peak);
	stats->waiting_peak = READ_ONCE(waitlist->waiting_peak);
	stats->reserve_used = READ_ONCE(waitlist->reserve_used);
}

/* How often read_lives() tries. Tens of CPUs that tear down all the time need a few attempts. */
#define LIVES_ATTEMPTS	1000

/*
 * Reads how many objects were created and destroyed, at one moment: destroyed has the same value
 * before and after the read of created. existing is the difference. It is not read from
 * pool->existing, which changes a moment later, so the figures always add up.
 *
 * An object is in created before it can be in destroyed. If the attempts do not suffice, existing
 * counts some objects that were torn down meanwhile.
 */
static void read_lives(const struct kp_pool *pool, struct kpool_stats *stats)
{
	unsigned int attempts = LIVES_ATTEMPTS;

	do {
		stats->destroyed = atomic64_read(&pool->destroyed);
		smp_rmb();	/* pairs with the barriers before the adds to destroyed */
		stats->created = atomic64_read(&pool->created);
		smp_rmb();	/* between created and the second read of destroyed */
	} while (stats->destroyed != atomic64_read(&pool->destroyed) && --attempts);
	stats->existing = stats->created - stats->destroyed;
}

/* How many objects gets returned, and puts took. Exact when the pool is quiet. Context: any. */
void kp_traffic(const struct kp_pool *pool, u64 *gets, u64 *puts)
{
	const struct kpool_cpu *c;
	int cpu;

	*gets = atomic64_read(&pool->nested_gets);
	*puts = atomic64_read(&pool->nested_puts);
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->kpool.cpu, cpu);
		*gets += READ_ONCE(c->gets);
		*puts += READ_ONCE(c->puts);
	}
}

void kpool_stats(struct kpool *kpool, struct kpool_stats *stats)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int i;
	long closing;
	int cpu;

	*stats = (struct kpool_stats){
		.build_failures = atomic_long_read(&pool->build_failures),
		.trimmed = atomic_long_read(&pool->gone[KP_TRIM]),
		.deferred = atomic_long_read(&pool->deferred),
		.close_retries = atomic_long_read(&pool->close_retries),
		.misused = atomic_long_read(&pool->misused),
		.faults = atomic_long_read(&pool->faults_made),
	};
	kp_traffic(pool, &stats->gets, &stats->puts);
	read_lives(pool, stats);
	smp_rmb();	/* pairs with that in kp_build_here(): an object in created is in kept */
	closing = (long)stats->existing - atomic_long_read(&pool->kept);
	for_each_possible_cpu(cpu) {
		const struct kpool_cpu *c = per_cpu_ptr(kpool->cpu, cpu);

		stats->get_misses += READ_ONCE(c->get_misses);
		stats->put_misses += READ_ONCE(c->put_misses);
	}
	for (i = 0; i < pool->nr_depots; i++) {
		stats->depot_gets += READ_ONCE(pool->depots[i].gets);
		stats->depot_puts += READ_ONCE(pool->depots[i].puts);
		stats->contended += READ_ONCE(pool->depots[i].contended);
		stats->sent_home += kp_sent_home(&pool->depots[i]);
	}
	stats->ctor_failures = atomic_long_read(&pool->ctor_failures);
	stats->built_nolock = atomic_long_read(&pool->built_nolock);
	stats->over_max_idle = atomic_long_read(&pool->gone[KP_MAX_IDLE]);
	stats->reclaimed = atomic_long_read(&pool->gone[KP_PRESSURE]);
	stats->idle_expired = atomic_long_read(&pool->gone[KP_IDLE_AGE]);
	stats->lifetime_expired = atomic_long_read(&pool->gone[KP_LIFETIME]);
	stats->unhealthy = atomic_long_read(&pool->gone[KP_UNHEALTHY]);
	stats->discarded = atomic_long_read(&pool->gone[KP_DISCARDED]);
	stats->shut_down = atomic_long_read(&pool->gone[KP_SHUTDOWN]);
	stats->over_max = atomic_long_read(&pool->gone[KP_OVER_MAX]);
	stats->overflow_ended = atomic_long_read(&pool->gone[KP_OVERFLOW]);
	stats->no_magazine = atomic_long_read(&pool->gone[KP_NO_MAGAZINE]);
	stats->bypass_ended = atomic_long_read(&pool->gone[KP_BYPASS]);
	stats->undone = atomic_long_read(&pool->gone[KP_UNDONE]);
	stats->sampled = atomic_long_read(&pool->gone[KP_SAMPLED]);
	stats->building = atomic_long_read(&pool->building);
	stats->mapped_only = atomic_long_read(&pool->mapped_only);
	kp_track_stats(pool, &stats->tracked, &stats->held_max_ms, &stats->leaks);
	kp_huge_stats(pool, &stats->huge_pages, &stats->carved);
	stats->memory = kp_memory(pool);
	stats->overhead = kp_overhead(pool);
	stats->accounted = atomic64_read(&pool->accounted);
	if (pool->waitlist)
		waitlist_stats(pool->waitlist, stats);
	/* idle may count an object that moves between two places twice, or not at all. */
	stats->idle = min_t(u64, kp_idle(pool), stats->existing);
	stats->closing = clamp_t(s64, closing, 0, stats->existing - stats->idle);
	stats->in_use = stats->existing - stats->idle - stats->closing;
}
EXPORT_SYMBOL_GPL(kpool_stats);

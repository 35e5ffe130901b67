// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pressure: idle objects are given back early.
 *
 * One shrinker for all pools. It runs in whichever task allocates memory and found
 * none, under locks of that task's that nobody here knows, maybe in the middle of a get
 * of kpool's own. So it waits for nobody: of two scans one returns at once, and the
 * spinlocks that it takes are held by nobody who allocates with reclaim. The registry's
 * lock is, so the pools are in a list of their own. Callbacks that may sleep, and may want
 * any lock, are left to the pools' workers.
 *
 * The pool that has gone longest without use is the first in the list: ageing moves a
 * pool to the end when it sees that it was used, and so does a scan that has taken all that
 * it may have. So the order is as fine as the interval of ageing.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/export.h"
#include "base/ref.h"
#include "compat/shrinker.h"
#include "object/keep.h"
#include "object/object.h"
#include "path/cache.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "store/waitlist.h"

/* Pools that one call looks at; the next goes on from there. */
#define VISITS		128

/* After all pools were looked at in vain there is nothing for so many jiffies. */
#define BACKOFF		max(HZ / 10, 1)

static struct shrinker *shrinker;

/* Protects pools, nr_pools, pool->by_use. Nothing is taken inside. */
static DEFINE_SPINLOCK(pools_lock);
static LIST_HEAD(pools);		/* the one that was not used for longest first */
static unsigned int nr_pools;

/* Set while a scan is at work, which alone writes what follows. Nobody ever waits for it. */
static unsigned long scanning;
static unsigned int in_vain;		/* pools looked at since one gave something */
static bool backing_off;
static unsigned long backoff_until;

/* Between creation and the pool's end. Context: process context. */
void kp_shrink_add(struct kp_pool *pool)
{
	spin_lock(&pools_lock);
	list_add_tail(&pool->by_use, &pools);
	WRITE_ONCE(nr_pools, nr_pools + 1);
	spin_unlock(&pools_lock);
}

void kp_shrink_remove(struct kp_pool *pool)
{
	spin_lock(&pools_lock);
	list_del(&pool->by_use);
	WRITE_ONCE(nr_pools, nr_pools - 1);
	spin_unlock(&pools_lock);
}

/**
 * kp_shrink_last() - a pool was used, or has nothing to give: others are looked at before
 * @pool: the pool, which the caller keeps from going
 *
 * Context: process context.
 */
void kp_shrink_last(struct kp_pool *pool)
{
	spin_lock(&pools_lock);
	list_move_tail(&pool->by_use, &pools);
	spin_unlock(&pools_lock);
}

/*
 * The first pool, entered: so kpool_destroy() waits for the scan, which needs no reference.
 * NULL if there is none, or it is at its end; then it is the last from now on.
 */
static struct kp_pool *enter_coldest(void)
{
	struct kp_pool *pool;

	spin_lock(&pools_lock);
	pool = list_first_entry_or_null(&pools, struct kp_pool, by_use);
	if (pool && !kp_enter(pool)) {
		list_move_tail(&pool->by_use, &pools);
		pool = NULL;
	}
	spin_unlock(&pools_lock);
	return pool;
}

/**
 * kp_shrink_count() - how many objects a scan could give back
 *
 * What min_idle and reserve keep of them is counted, too: to know it takes a walk over
 * the pools. So a scan may find less, or nothing; then this says 0 for a while.
 *
 * Context: any.
 * Return: a sum over all CPUs, not of one moment.
 */
unsigned long kp_shrink_count(void)
{
	long n = 0;
	int cpu;

	if (READ_ONCE(backing_off) && time_before(jiffies, READ_ONCE(backoff_until)))
		return 0;
	for_each_possible_cpu(cpu)
		n += local_read(per_cpu_ptr(kp_reclaimable, cpu));
	return max(n, 0L);
}
EXPORT_SYMBOL_FOR_TESTS(kp_shrink_count);

/* What may go without min_idle and the reserve being touched. */
static unsigned long may_go(struct kp_pool *pool)
{
	unsigned long min_idle = READ_ONCE(pool->min_idle);
	long reserve = READ_ONCE(pool->reserve);
	long most = LONG_MAX;

	if (min_idle)
		most = (long)(kp_idle(pool) - min_idle);
	if (reserve)
		most = min(most, atomic_long_read(&pool->waitlist->kept) - reserve);
	return max(most, 0L);
}

/* Whole magazines: in depots the coldest first, then spares, of any CPU. */
static unsigned long take(struct kp_pool *pool, unsigned long want, bool spares,
			  struct list_head *mags)
{
	unsigned long most = may_go(pool), taken = 0;
	struct kpool_magazine *mag;
	unsigned int i;
	int cpu;

	for (i = 0; i < pool->nr_depots && taken < want; i++)
		taken += kp_depot_take_cold(pool, &pool->depots[i], want - taken, most - taken,
					    mags);
	for_each_online_cpu(cpu) {
		if (taken >= want || taken >= most || !spares)
			break;
		mag = kp_take_spare(per_cpu_ptr(pool->kpool.cpu, cpu));
		if (!mag)
			continue;
		if (mag->count > most - taken) {
			kp_keep(pool, kp_depot_here(pool), mag);
			break;
		}
		taken += mag->count;
		list_add(&mag->list, mags);
	}
	return taken;
}

/* Returns how many objects are torn down; those that a worker will tear down are not yet. */
static unsigned long give_back(struct kp_pool *pool, struct list_head *mags, enum kp_cause cause)
{
	struct kpool_magazine *mag, *next;
	unsigned long freed = 0;

	list_for_each_entry_safe(mag, next, mags, list) {
		if (kp_may_teardown(pool))
			freed += kp_teardown(pool, mag->objs, mag->count, cause);
		else
			kp_defer_teardown(pool, mag->objs, mag->count, cause);
		kfree_rcu(mag, rcu);
	}
	return freed;
}

/**
 * kp_shrink_pool() - take idle objects out of a pool, by whole magazines
 * @pool: the pool, entered
 * @want: how many, or up to a magazine more
 * @cause: why
 * @freed: becomes more by how many were torn down; a worker does so with the others
 *
 * Leaves min_idle and the reserve alone; spares go for want of memory alone.
 *
 * Context: process context, whatever locks are held.
 * Return: how many it took out.
 */
unsigned long kp_shrink_pool(struct kp_pool *pool, unsigned long want, enum kp_cause cause,
			     unsigned long *freed)
{
	unsigned long taken;
	LIST_HEAD(mags);

	if (!atomic_long_read(&pool->existing) || READ_ONCE(pool->gate) == GATE_SHUT)
		return 0;
	/*
	 * Where somebody waits, what is idle is theirs. The gate does not say so: it stays
	 * closed after the last of them until somebody gets or puts.
	 */
	if (pool->waitlist && READ_ONCE(pool->waitlist->waiting))
		return 0;
	taken = take(pool, want, cause == KP_PRESSURE, &mags);
	*freed += give_back(pool, &mags, cause);
	return taken;
}

static void back_off(void)
{
	in_vain = 0;
	WRITE_ONCE(backoff_until, jiffies + BACKOFF);
	WRITE_ONCE(backing_off, true);
}

/* Each pool once at most, and no more than VISITS. */
static unsigned long shrink_pools(unsigned long want, unsigned long *freed)
{
	unsigned int visits = min_t(unsigned int, READ_ONCE(nr_pools), VISITS);
	unsigned long taken = 0, n;
	struct kp_pool *pool;

	while (taken < want && visits--) {
		in_vain++;
		pool = enter_coldest();
		if (!pool)
			continue;
		n = kp_shrink_pool(pool, want - taken, KP_PRESSURE, freed);
		taken += n;
		if (n)
			in_vain = 0;
		if (taken < want)
			kp_shrink_last(pool);
		kp_leave(pool);
		cond_resched();
	}
	return taken;
}

/**
 * kp_shrink_scan() - give idle objects back
 * @want: how many, or up to a magazine more
 * @taken: how many were taken out of their pools, those included that workers tear down
 *
 * Context: process context, whatever locks are held and whatever the task is about.
 * Return: how many were torn down, or SHRINK_STOP: nothing is to be had now.
 */
unsigned long kp_shrink_scan(unsigned long want, unsigned long *taken)
{
	unsigned long freed = 0;

	*taken = 0;
	/* Another one is at work; or this one is, and a dtor of its allocates memory. */
	if (test_and_set_bit_lock(0, &scanning))
		return SHRINK_STOP;
	WRITE_ONCE(backing_off, false);
	*taken = shrink_pools(want, &freed);
	if (in_vain >= READ_ONCE(nr_pools)) {
		back_off();
		if (!*taken)
			freed = SHRINK_STOP;
	}
	clear_bit_unlock(0, &scanning);
	return freed;
}
EXPORT_SYMBOL_FOR_TESTS(kp_shrink_scan);

static unsigned long count_objects(struct shrinker *s, struct shrink_control *sc)
{
	return kp_shrink_count() ?: SHRINK_EMPTY;
}

static unsigned long scan_objects(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long taken, freed;

	freed = kp_shrink_scan(sc->nr_to_scan, &taken);
	sc->nr_scanned = max(sc->nr_scanned, taken);
	return freed;
}

/* Before there is a pool. Context: process context, sleeps. Return: 0 or -ENOMEM. */
int kp_shrink_init(void)
{
	shrinker = shrinker_alloc(0, KBUILD_MODNAME);
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count_objects;
	shrinker->scan_objects = scan_objects;
	shrinker_register(shrinker);
	return 0;
}

/* There is no pool any more. */
void kp_shrink_exit(void)
{
	shrinker_free(shrinker);
}

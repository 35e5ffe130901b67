// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pressure: idle objects are given back early. policy/age.c gives objects back without
 * pressure.
 *
 * One shrinker serves all pools. It runs in a task that allocates memory and found none. kpool does
 * not know which locks that task holds. The task may even be in a get of kpool. So the shrinker
 * waits for nobody. Of two scans at once, one returns immediately. The shrinker takes spinlocks
 * only, and no task allocates with reclaim while it holds one of them. Holders of the registry's
 * lock do, so the pools are in a separate list. Callbacks that may sleep may also take any lock, so
 * the pools' workers call them.
 *
 * Objects in loaded magazines are out of reach of other CPUs. If the depots and spares of a pool do
 * not suffice, the scan has the CPUs close their caches, once a second at most. It waits for these
 * interrupts, as reclaim waits for those that flush TLBs. They take no lock. policy/oom.c has
 * this done for all pools, before the OOM killer ends a process.
 *
 * The list begins with the pool that was not used for the longest time. Ageing moves a pool to the
 * end of the list when the pool was used. A scan does so when it took all objects that it may take.
 * So the order is as exact as the interval of ageing.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "base/observer.h"
#include "base/export.h"
#include "base/ref.h"
#include "base/trace.h"
#include "compat/shrinker.h"
#include "base/work.h"
#include "object/keep.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/sweep.h"
#include "policy/available.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "store/waitlist.h"

/* How many pools one call looks at. The next call continues from there. */
#define VISITS		128

/* After all pools had nothing to give, the count is 0 for this many jiffies. */
#define BACKOFF		max(HZ / 10, 1)

/* How often the caches of one pool are closed: under pressure, and before a process is ended. */
#define SWEEP_EVERY	HZ
#define SWEEP_EVERY_OOM	max(HZ / 10, 1)

static struct shrinker *shrinker;

/* Protects pools, nr_pools, pool->by_use. No lock of kpool's is taken inside. */
static DEFINE_SPINLOCK(pools_lock);
static LIST_HEAD(pools);		/* the pool unused for longest is first */
static unsigned int nr_pools;

/* Set while a scan runs. Only that scan writes the variables below. Nobody waits for the bit. */
static unsigned long scanning;
static unsigned int in_vain;		/* pools looked at since a pool gave an object */
static bool backing_off;
static unsigned long backoff_until;

/*
 * Adds a new pool to the list; kp_shrink_remove() at its end removes it. Context: process context.
 */
void kp_shrink_add(struct kp_pool *pool)
{
	pool->swept_at = jiffies - SWEEP_EVERY;
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

/* As kp_registry_might_lock(), for pools_lock. */
void kp_shrink_might_lock(void)
{
	might_lock(&pools_lock);
}

/**
 * kp_shrink_last() - make a pool the last to shrink, as it was used or has nothing to give
 * @pool: the pool; the caller ensures that it stays
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
 * The first pool of the list, after kp_enter(). So kpool_destroy() waits for the scan, and the scan
 * needs no reference. Returns NULL if the list is empty or the pool is being destroyed. That pool
 * moves to the end of the list.
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
 * The count includes the objects of min_idle and of the reserve, and half the room of loaded
 * magazines. Without them the count would need
 * a walk over all pools. So a scan may find fewer objects, or none. After that the count is 0 for a
 * while.
 *
 * Context: any.
 * Return: a sum over all CPUs, which are not read at one moment.
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

/* Takes whole magazines: from depots the coldest first, then spares of any CPU. */
static unsigned long take(struct kp_pool *pool, unsigned long want, bool spares,
			  struct list_head *mags)
{
	unsigned long most = kp_may_go(pool), taken = 0;
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

/*
 * Takes whole magazines out of the caches of all CPUs, if the last time is long enough ago. Other
 * magazines go to a depot.
 */
static unsigned long take_loaded(struct kp_pool *pool, unsigned long want, unsigned long every,
				 struct list_head *mags)
{
	unsigned long most = kp_may_go(pool), taken = 0;
	struct kpool_magazine *mag, *next;
	LLIST_HEAD(found);

	/* A holder of the lock may wait for memory, so this does not wait for the lock. */
	if (!most || jiffies - pool->swept_at < every || !mutex_trylock(&pool->gate_lock))
		return 0;
	kp_close_loaded(pool, &found);
	mutex_unlock(&pool->gate_lock);
	if (!llist_empty(&found))
		pool->swept_at = jiffies;
	llist_for_each_entry_safe(mag, next, llist_del_all(&found), found) {
		if (!mag->count || taken >= want || mag->count > most - taken) {
			kp_keep(pool, kp_depot_here(pool), mag);
			continue;
		}
		taken += mag->count;
		list_add(&mag->list, mags);
	}
	return taken;
}

/* Returns how many objects were torn down at once, without those left to a worker. */
static unsigned long give_back(struct kp_pool *pool, struct list_head *mags, enum kp_cause cause)
{
	struct kpool_magazine *mag, *next;
	unsigned long freed = 0;

	list_for_each_entry_safe(mag, next, mags, list) {
		if (kp_may_teardown(pool))
			freed += kp_teardown(pool, mag->objs, mag->count, cause);
		else
			kp_defer_teardown(pool, mag->objs, mag->count, cause);
		kp_magazine_free(pool, mag);
	}
	return freed;
}

/* May idle objects be taken out of a pool? */
static bool may_shrink(struct kp_pool *pool)
{
	if (!atomic_long_read(&pool->existing) || READ_ONCE(pool->gate) == GATE_SHUT)
		return false;
	return !kp_somebody_waits(pool);	/* idle objects are for the waiters */
}

/**
 * kp_shrink_pool() - take idle objects out of a pool, in whole magazines
 * @pool: the pool, after kp_enter()
 * @want: how many objects, or up to a magazine more
 * @cause: why
 * @freed: increased by the number of objects torn down; a worker tears down the others
 *
 * Takes them from depots. Leaves min_idle and the reserve.
 *
 * Context: process context, whatever locks are held.
 * Return: how many objects it took out.
 */
unsigned long kp_shrink_pool(struct kp_pool *pool, unsigned long want, enum kp_cause cause,
			     unsigned long *freed)
{
	unsigned long taken;
	LIST_HEAD(mags);

	if (!may_shrink(pool))
		return 0;
	taken = take(pool, want, false, &mags);
	*freed += give_back(pool, &mags, cause);
	trace_kpool_shrink(pool, want, taken);
	if (taken)
		kp_available_update(pool);
	return taken;
}

/* kp_shrink_pool() under pressure: also takes spares, and loaded magazines if it is time again. */
static unsigned long squeeze_pool(struct kp_pool *pool, unsigned long want, unsigned long every,
				  unsigned long *freed)
{
	unsigned long taken;
	LIST_HEAD(mags);

	if (!may_shrink(pool))
		return 0;
	taken = take(pool, want, true, &mags);
	*freed += give_back(pool, &mags, KP_PRESSURE);
	if (taken < want) {
		INIT_LIST_HEAD(&mags);
		taken += take_loaded(pool, want - taken, every, &mags);
		*freed += give_back(pool, &mags, KP_PRESSURE);
	}
	trace_kpool_shrink(pool, want, taken);
	/* In the pool's work: netlink is not for a task that reclaims. */
	if (taken && kp_somebody_listens())
		kp_queue_todo(pool, POOL_TODO_PRESSURE);
	if (taken)
		kp_available_update(pool);
	return taken;
}

static void back_off(void)
{
	in_vain = 0;
	WRITE_ONCE(backoff_until, jiffies + BACKOFF);
	WRITE_ONCE(backing_off, true);
}

/* Looks at each pool at most once, and at VISITS pools at most. */
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
		n = squeeze_pool(pool, want - taken, SWEEP_EVERY, freed);
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
 * @taken: set to how many objects were taken out of pools, including those left to workers
 *
 * Context: process context, whatever locks are held and whatever the task does.
 * Return: how many objects were torn down, or SHRINK_STOP if there are none now.
 */
unsigned long kp_shrink_scan(unsigned long want, unsigned long *taken)
{
	unsigned long freed = 0;

	*taken = 0;
	/* Another scan runs, or this scan runs and a dtor that it called allocates memory. */
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

/**
 * kp_shrink_oom() - give all idle objects of all pools back
 *
 * Also counts objects that are left to workers: while these work, no process has to be ended. Does
 * not count objects that may share a huge page with others which stay.
 *
 * Context: process context, whatever locks are held and whatever the task does.
 * Return: how many bytes the objects had.
 */
u64 kp_shrink_oom(void)
{
	unsigned int visits = READ_ONCE(nr_pools);
	unsigned long freed = 0, taken;
	struct kp_pool *pool;
	u64 bytes = 0;

	if (test_and_set_bit_lock(0, &scanning))
		return 0;
	while (visits--) {
		pool = enter_coldest();
		if (!pool)
			continue;
		taken = squeeze_pool(pool, ULONG_MAX, SWEEP_EVERY_OOM, &freed);
		if (!pool->huge)
			bytes += (u64)kp_weight(pool) * taken;
		kp_shrink_last(pool);
		kp_leave(pool);
		cond_resched();
	}
	clear_bit_unlock(0, &scanning);
	return bytes;
}
EXPORT_SYMBOL_FOR_TESTS(kp_shrink_oom);

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

/* Called before any pool exists. Context: process context, sleeps. Return: 0 or an error. */
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

/* Called when no pool exists any more. */
void kp_shrink_exit(void)
{
	shrinker_free(shrinker);
}

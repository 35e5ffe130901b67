// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tearing down all idle objects of a pool: of a sweep, of depots and spares. object/object.c tears
 * single objects down.
 */

#include "base/export.h"
#include "object/object.h"
#include "object/prefill.h"
#include "path/cache.h"
#include "path/sweep.h"
#include "policy/available.h"
#include "policy/drain.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

/* Returns how many objects were torn down, or are to be torn down. */
static unsigned long teardown_magazine(struct kp_pool *pool, struct kpool_magazine *mag,
				       enum kp_cause cause)
{
	unsigned long n = kp_discard(pool, mag->objs, mag->count, cause);

	kp_magazine_free(pool, mag);
	cond_resched();
	return n;
}

/**
 * kp_found_teardown() - tear down the objects that a sweep found
 * @pool: the pool
 * @found: the magazines
 * @cause: why
 *
 * The reserve list keeps the objects that the reserve needs. Objects whose teardown may sleep are
 * left to the workers.
 *
 * Context: process context, sleeps.
 * Return: how many objects were torn down, or are to be torn down.
 */
unsigned long kp_found_teardown(struct kp_pool *pool, struct llist_head *found, enum kp_cause cause)
{
	struct kpool_magazine *mag, *next;
	unsigned long n = 0;

	llist_for_each_entry_safe(mag, next, llist_del_all(found), found)
		n += teardown_magazine(pool, mag, cause);
	return n;
}

/*
 * Tears down as many objects as the depot has now. Objects that come meanwhile do not keep a trim
 * busy. While the gate is shut, the RULE has the worker look for such objects.
 */
static unsigned long drain_depot(struct kp_pool *pool, struct kp_depot *depot, enum kp_cause cause)
{
	unsigned long left = READ_ONCE(depot->objects), n = 0, taken;
	struct kpool_magazine *mag, *next;
	LIST_HEAD(mags);

	while ((taken = kp_depot_take(pool, depot, left, &mags))) {
		left -= taken;
		list_for_each_entry_safe(mag, next, &mags, list)
			n += teardown_magazine(pool, mag, cause);
		INIT_LIST_HEAD(&mags);
	}
	return n;
}

/**
 * kp_drain() - tear down all idle objects in depots and spares
 * @pool: the pool
 * @cause: why
 *
 * The reserve stays, unless the pool is not live. Objects whose teardown may sleep are left to the
 * workers.
 *
 * Context: process context, sleeps.
 * Return: how many objects were torn down, or are to be torn down.
 */
unsigned long kp_drain(struct kp_pool *pool, enum kp_cause cause)
{
	struct kpool_magazine *mag;
	unsigned long n = 0;
	unsigned int i;
	int cpu;

	for_each_online_cpu(cpu) {
		mag = kp_take_spare(per_cpu_ptr(pool->kpool.cpu, cpu));
		if (mag)
			n += teardown_magazine(pool, mag, cause);
	}
	for (i = 0; i < pool->nr_depots; i++)
		n += drain_depot(pool, &pool->depots[i], cause);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		kp_reserve_end(pool);
	return n;
}

/**
 * kp_trim() - tear down all idle objects of a pool
 * @pool: the pool, after kp_enter()
 *
 * The reserve stays. Objects whose teardown may sleep are left to the workers.
 *
 * Context: process context, sleeps.
 * Return: how many objects were torn down, or are to be torn down.
 */
unsigned long kp_trim(struct kp_pool *pool)
{
	LLIST_HEAD(found);
	unsigned long n;

	mutex_lock(&pool->gate_lock);
	kp_close_all(pool, &found);
	mutex_unlock(&pool->gate_lock);
	n = kp_found_teardown(pool, &found, KP_TRIM) + kp_drain(pool, KP_TRIM);
	kp_available_update(pool);
	return n;
}
EXPORT_SYMBOL_FOR_TESTS(kp_trim);

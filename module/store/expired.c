// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expired objects: idle for too long, past their lifetime, unhealthy, or discarded by the consumer.
 * object/expiry.c finds out which objects are expired.
 *
 * Gets must not have such an object, and the reserve does not keep it. So the object goes on the
 * teardown list at once. These functions take no lock of kpool: code that grants objects to waiters
 * calls them with waitlist->lock held.
 */

#include "base/context.h"
#include "base/gone.h"
#include "base/link.h"
#include "base/work.h"
#include "pool.h"
#include "store/census.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/waitlist.h"

static void queue_worker(struct kp_pool *pool)
{
	if (kp_is_restricted(pool))
		kp_queue_todo(pool, POOL_TODO_TEARDOWN);
	else
		queue_work(kpool_wq, &pool->work);
}

/**
 * kp_queue_teardown() - have the worker of a pool tear objects down
 * @pool: the pool; the caller keeps it, or has preemption off until this returns
 * @objs: the objects, which the reserve does not keep; some of them may change their places
 * @n: how many, not 0
 * @cause: why
 *
 * Context: any, NMI too, preemption off.
 */
void kp_queue_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	unsigned int i;

	n = kp_census_take(pool, objs, n);
	if (!n)
		return;
	kp_count_gone(pool, cause, n);
	atomic_long_add(n, &pool->deferred);
	for (i = 0; i < n; i++)
		kp_list_add_dead(pool, &pool->teardown_list, objs[i]);
	queue_worker(pool);
}

/* The pool no longer keeps n objects. Context: any. */
void kp_unkeep(struct kp_pool *pool, unsigned int n)
{
	atomic_long_sub(n, &pool->kept);
}

/**
 * kp_defer_expired() - have the worker of a pool tear down expired objects
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why: one of the causes from KP_IDLE_AGE on
 *
 * Context: any, NMI too.
 */
void kp_defer_expired(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	if (!n)
		return;
	preempt_disable();
	kp_unkeep(pool, n);
	kp_queue_teardown(pool, objs, n, cause);
	preempt_enable();
}

/**
 * kp_defer_stale() - have the worker of a pool tear down all objects of a magazine
 * @pool: the pool; the caller keeps it, or has preemption off until this returns
 * @mag: a magazine whose objects were idle for too long; it is freed, too
 *
 * Does not look at the objects, so the cost does not depend on their number.
 *
 * Context: any but NMI.
 */
void kp_defer_stale(struct kp_pool *pool, struct kpool_magazine *mag)
{
	preempt_disable();
	kp_unkeep(pool, mag->count);
	kp_count_gone(pool, KP_IDLE_AGE, mag->count);
	atomic_long_add(mag->count, &pool->deferred);
	llist_add(&mag->found, &pool->stale);
	queue_worker(pool);
	preempt_enable();
}

/* Puts the objects of stale magazines on the teardown list. Context: process context. */
void kp_unpack_stale(struct kp_pool *pool)
{
	struct kpool_magazine *mag, *next;
	unsigned int i, n;

	llist_for_each_entry_safe(mag, next, llist_del_all(&pool->stale), found) {
		n = kp_census_take(pool, mag->objs, mag->count);
		/* kp_defer_stale() has counted all of them. */
		if (unlikely(n < mag->count))
			atomic_long_sub(mag->count - n, &pool->gone[KP_IDLE_AGE]);
		for (i = 0; i < n; i++)
			kp_list_add_dead(pool, &pool->teardown_list, mag->objs[i]);
		kp_magazine_free(pool, mag);
	}
}

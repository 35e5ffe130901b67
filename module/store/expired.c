// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expired objects: idle for too long, past their lifetime, or unhealthy. object/expiry.c finds out
 * which objects are expired.
 *
 * Gets must not have such an object, and the reserve does not keep it. So the object goes on the
 * teardown list at once. These functions take no lock of kpool: code that grants objects to waiters
 * calls them with waitlist->lock held.
 */
#include "base/context.h"
#include "base/link.h"
#include "base/work.h"
#include "pool.h"
#include "store/expired.h"
#include "store/waitlist.h"

/**
 * kp_queue_teardown() - have the worker of a pool tear objects down
 * @pool: the pool; the caller keeps it, or has preemption off until this returns
 * @objs: the objects, which the reserve does not keep
 * @n: how many, not 0
 * @cause: why
 *
 * Context: any but NMI, preemption off.
 */
void kp_queue_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	unsigned int i;

	kp_count_gone(pool, cause, n);
	atomic_long_add(n, &pool->deferred);
	for (i = 0; i < n; i++)
		llist_add(kp_link(pool, objs[i]), &pool->teardown_list);
	if (kp_is_restricted(pool))
		kp_queue_todo(pool, POOL_TODO_TEARDOWN);
	else
		queue_work(kpool_wq, &pool->work);
}

/* The pool no longer keeps n objects. Context: any. */
void kp_unkeep(struct kp_pool *pool, unsigned int n)
{
	if (pool->waitlist)
		atomic_long_sub(n, &pool->waitlist->kept);
}

/**
 * kp_defer_expired() - have the worker of a pool tear down expired objects
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why: one of the causes from KP_IDLE_AGE on
 *
 * Context: any but NMI.
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

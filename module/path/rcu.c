// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts after an RCU grace period. path/put.c has the plain puts.
 *
 * Objects wait in a list through kp_link(). A pool has one rcu_head for all of them. Objects that
 * come while a grace period is under way wait together for the next one. Meanwhile the objects are
 * in use, and keep the pool. So this needs only the object's link word, which KPOOL_RCU keeps
 * outside of the bytes that readers look at.
 */
#include <linux/bitops.h>
#include <linux/printk.h>

#include "base/context.h"
#include "base/export.h"
#include "base/link.h"
#include "base/work.h"
#include "compat/rcupdate.h"
#include "path/rcu.h"
#include "pool.h"

static void rcu_done(struct rcu_head *rcu);

/**
 * kp_rcu_start() - begin a grace period for the waiting objects, if none is under way
 * @pool: the pool
 *
 * Context: any that is not restricted. Either preemption is off, or the caller is between
 * rcu_read_lock() and rcu_read_unlock(), since before the object was given up: the pool may be at
 * its end.
 */
void kp_rcu_start(struct kp_pool *pool)
{
	struct llist_node *list;

	/*
	 * A caller that finds rcu_busy set does nothing: the code that clears rcu_busy then sees
	 * the caller's object. The barriers here and in llist_add() ensure that.
	 */
	while (!llist_empty(&pool->rcu_next) && !test_and_set_bit(0, &pool->rcu_busy)) {
		list = llist_del_all(&pool->rcu_next);
		if (list) {
			pool->rcu_waiting = list;
			/* Hurry: kpool_destroy() or a waiter may need one of these objects. */
			call_rcu_hurry(&pool->rcu, rcu_done);
			return;
		}
		clear_bit_unlock(0, &pool->rcu_busy);
		smp_mb__after_atomic();	/* see above */
	}
}

/* The grace period is over: no reader has these objects. The last put may end the pool. */
static void rcu_done(struct rcu_head *rcu)
{
	struct kp_pool *pool = container_of(rcu, struct kp_pool, rcu);
	struct llist_node *node, *next, *list = pool->rcu_waiting;

	clear_bit_unlock(0, &pool->rcu_busy);
	smp_mb__after_atomic();	/* see kp_rcu_start() */
	kp_rcu_start(pool);
	llist_for_each_safe(node, next, list)
		kpool_put(&pool->kpool, kp_linked(pool, node));
}

/**
 * kp_rcu_sync() - wait until all objects that wait for a grace period were put
 * @pool: the pool
 *
 * Context: process context, sleeps.
 */
void kp_rcu_sync(struct kp_pool *pool)
{
	bool waits;

	if (!(pool->flags & KPOOL_RCU))
		return;
	do {
		/* If no object waits now, the callbacks of the last objects have begun. */
		waits = test_bit(0, &pool->rcu_busy) || !llist_empty(&pool->rcu_next);
		kp_irq_work_sync(pool);
		/* Waits for a CPU between llist_del_all() and call_rcu(). */
		synchronize_rcu();
		rcu_barrier();
	} while (waits);
}
EXPORT_SYMBOL_FOR_TESTS(kp_rcu_sync);

void kpool_put_rcu(struct kpool *kpool, void *obj)
{
	struct kp_pool *pool = to_pool(kpool);

	if (IS_ERR_OR_NULL(obj))
		return;
	if (unlikely(!(pool->flags & KPOOL_RCU))) {
		pr_err_ratelimited("pool %s: no KPOOL_RCU, so an object cannot be put after a grace period\n",
				   pool->name);
		return;
	}
	preempt_disable();
	llist_add(kp_link(pool, obj), &pool->rcu_next);
	/* call_rcu() cannot be called in NMI or under the scheduler's locks. */
	if (kp_is_restricted(pool))
		irq_work_queue(&pool->irq_work);
	else
		kp_rcu_start(pool);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kpool_put_rcu);

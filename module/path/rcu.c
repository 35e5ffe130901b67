// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts after an RCU grace period.
 *
 * Objects wait in a list through kp_link(), and a pool has one rcu_head for all of them:
 * those that come while a grace period is under way wait for the next, together. They are in use
 * meanwhile, and keep the pool. So nothing is needed of an object but its link, which
 * KPOOL_RCU keeps outside of what readers look at.
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
 * kp_rcu_start() - have a grace period begin for the objects that wait, if none is under way
 * @pool: the pool
 *
 * Context: any that is not restricted, with preemption off, or between rcu_read_lock() and
 * rcu_read_unlock(), since the object was given up: the pool may be at its end.
 */
void kp_rcu_start(struct kp_pool *pool)
{
	struct llist_node *list;

	/* Who finds it busy is seen by who ends that, by the barriers here and in llist_add(). */
	while (!llist_empty(&pool->rcu_next) && !test_and_set_bit(0, &pool->rcu_busy)) {
		list = llist_del_all(&pool->rcu_next);
		if (list) {
			pool->rcu_waiting = list;
			/* Somebody may wait for one of them. */
			call_rcu_hurry(&pool->rcu, rcu_done);
			return;
		}
		clear_bit_unlock(0, &pool->rcu_busy);
		smp_mb__after_atomic();	/* see above */
	}
}

/* Readers that could have found them are gone. The last put may end the pool. */
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
 * kp_rcu_sync() - see through what waits for a grace period
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
		/* If none does now, the callbacks that have the last of them have begun. */
		waits = test_bit(0, &pool->rcu_busy) || !llist_empty(&pool->rcu_next);
		kp_irq_work_sync(pool);
		/* For those between taking the list and call_rcu(). */
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
	/* call_rcu() knows neither NMIs nor the scheduler's locks. */
	if (kp_is_restricted(pool))
		irq_work_queue(&pool->irq_work);
	else
		kp_rcu_start(pool);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kpool_put_rcu);

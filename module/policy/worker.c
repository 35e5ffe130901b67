// SPDX-License-Identifier: GPL-2.0-only
/* The functions of a pool's irq_work and of its workers. base/work.c queues them. */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "base/link.h"
#include "base/ref.h"
#include "base/work.h"
#include "object/object.h"
#include "object/prefill.h"
#include "path/put.h"
#include "path/rcu.h"
#include "policy/drain.h"
#include "policy/retune.h"
#include "policy/worker.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/memory.h"
#include "store/slots.h"
#include "store/waitlist.h"

static bool any_deferred(struct kp_pool *pool)
{
	return !kp_list_empty(&pool->deferred_puts) || !kp_list_empty(&pool->deferred_inserts);
}

/*
 * Finishes some deferred puts. Returns whether there are more. The last put may end the pool, so
 * the caller is an RCU reader.
 */
static bool put_deferred(struct kp_pool *pool)
{
	unsigned int i, n, whole;
	void *objs[KP_PUT_BATCH];
	bool more;

	/*
	 * Only one CPU takes objects out of the lists. A CPU that finds the bit set leaves its
	 * objects to that one, which looks again after it has cleared the bit. The full barriers of
	 * kp_list_add() and test_and_set_bit() pair with the barrier below.
	 */
	if (!any_deferred(pool) || test_and_set_bit(0, &pool->putting))
		return false;
	whole = kp_list_take(pool, &pool->deferred_puts, objs, KP_PUT_BATCH);
	n = whole + kp_list_take(pool, &pool->deferred_inserts, objs + whole,
				 KP_PUT_BATCH - whole);
	clear_bit_unlock(0, &pool->putting);
	smp_mb__after_atomic();	/* see above */
	more = any_deferred(pool);
	/* In the order of arrival: a get takes the latest object first, which is the warmest. */
	for (i = whole; i--; )
		kp_put_finish(pool, objs[i]);
	for (i = n; i-- > whole; )
		kp_put_objects(pool, &objs[i], 1);
	return more;
}

/* Finishes the puts that were too many for an interrupt. */
static void put_worker(struct work_struct *work)
{
	struct kp_pool *pool = container_of(work, struct kp_pool, put_work);
	bool more;

	do {
		rcu_read_lock();
		more = put_deferred(pool);
		more |= kp_rcu_put(pool);
		rcu_read_unlock();
		cond_resched();
	} while (more);
}

/*
 * Runs in hardirq context, on PREEMPT_RT in a thread. The objects in the lists keep the pool until
 * the last of them is put. kp_defer_sync() keeps it until this function has returned.
 */
static void defer_irq_work(struct irq_work *irq_work)
{
	struct kp_pool *pool = container_of(irq_work, struct kp_pool, irq_work);

	/* irq_work_sync() may return while this handler runs, if another CPU runs the next one. */
	rcu_read_lock();
	if (READ_ONCE(pool->todo))
		queue_work(kpool_wq, &pool->work);
	if (pool->waitlist)
		kp_waitlist_kick(pool);
	if (put_deferred(pool))
		kp_queue_puts(pool);
	kp_rcu_start(pool);
	rcu_read_unlock();
}

/* The teardown list comes last: its objects may hold the last references to the pool. */
static void defer_worker(struct work_struct *work)
{
	struct kp_pool *pool = container_of(work, struct kp_pool, work);

	if (test_and_clear_bit(POOL_TODO_REFILL, &pool->todo) && kp_enter(pool)) {
		/*
		 * First free the slots of expired objects. Their waiters need not wait for the
		 * builds below.
		 */
		kp_depots_drop_stale(pool);
		kp_teardown_deferred(pool);
		kp_memory_prepare(pool);
		kp_prefill(pool, max(READ_ONCE(pool->min_idle), kp_full(pool)));
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_REPLENISH, &pool->todo) && kp_enter(pool)) {
		kp_teardown_deferred(pool);
		kp_replenish(pool);
		kp_leave(pool);
	}
	/* Fresh objects may lie below the stale ones. The waiters get these. */
	if (test_and_clear_bit(POOL_TODO_STALE, &pool->todo) && kp_enter(pool)) {
		kp_depots_drop_stale(pool);
		if (pool->waitlist)
			kp_waitlist_kick(pool);
		kp_leave(pool);
	}
	/* If the gate was opened again meanwhile, the objects may stay. */
	if (test_and_clear_bit(POOL_TODO_DRAIN, &pool->todo)) {
		if (READ_ONCE(pool->gate) == GATE_SHUT)
			kp_drain(pool, kp_why_shut(pool));
		else if (kp_over_max(pool))
			kp_shed(pool);
	}
	clear_bit(POOL_TODO_TEARDOWN, &pool->todo);
	/* Pairs with kp_queue_todo(): code that found the bit set has linked its objects before. */
	smp_mb__after_atomic();
	kp_teardown_deferred(pool);
}

void kp_defer_init(struct kp_pool *pool)
{
	init_llist_head(&pool->stale);
	init_irq_work(&pool->irq_work, defer_irq_work);
	mutex_init(&pool->sync_lock);
	INIT_WORK(&pool->work, defer_worker);
	INIT_WORK(&pool->put_work, put_worker);
}

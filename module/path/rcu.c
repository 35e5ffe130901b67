// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts after an RCU grace period. path/put.c has the plain puts.
 *
 * Objects wait in a list, see base/link.c. A pool has one rcu_head for all of them. Objects that
 * come while a grace period is under way wait together for the next one. Meanwhile the objects are
 * in use, and keep the pool. So this needs only the object's link word, which KPOOL_RCU keeps
 * outside of the bytes that readers look at.
 *
 * RCU's callback puts a few objects. If there are more, or if their puts wipe many bytes, a worker
 * puts the others. The next grace period begins when all of them were taken out of the list.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "base/context.h"
#include "base/export.h"
#include "base/link.h"
#include "base/refusal.h"
#include "base/work.h"
#include "compat/rcupdate.h"
#include "path/put.h"
#include "path/rcu.h"
#include "pool.h"

struct kp_rcu_puts {
	struct kp_list next;		/* objects for the next grace period */
	struct kp_list waiting;		/* for the current one; the setter of busy writes it */
	struct kp_list ready;		/* it is over, and they are being put */
	unsigned long busy;		/* bit 0: a grace period, or puts after it, are under way */
	bool left;			/* the worker puts the rest of ready */
	bool used;			/* kpool_put_rcu() was called */
	struct rcu_head rcu;
	struct kp_pool *pool;
};

/* Context: process context, sleeps. Return: 0, or -ENOMEM. */
int kp_rcu_init(struct kp_pool *pool)
{
	if (!(pool->flags & KPOOL_RCU))
		return 0;
	pool->rcu_puts = kzalloc(sizeof(*pool->rcu_puts), GFP_KERNEL);
	if (!pool->rcu_puts)
		return -ENOMEM;
	pool->parts_bytes += sizeof(*pool->rcu_puts);
	pool->rcu_puts->pool = pool;
	return 0;
}

/* Context: nobody uses the pool any more. */
void kp_rcu_exit(struct kp_pool *pool)
{
	kfree(pool->rcu_puts);
}

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
	struct kp_rcu_puts *puts = pool->rcu_puts;

	if (!puts)
		return;
	/*
	 * A caller that finds busy set does nothing: the code that clears busy then sees the
	 * caller's object. The barriers here and in kp_list_add() ensure that.
	 */
	while (!kp_list_empty(&puts->next) && !test_and_set_bit(0, &puts->busy)) {
		puts->waiting = kp_list_take_all(&puts->next);
		if (!kp_list_empty(&puts->waiting)) {
			/* Hurry: kpool_destroy() or a waiter may need one of these objects. */
			call_rcu_hurry(&puts->rcu, rcu_done);
			return;
		}
		clear_bit_unlock(0, &puts->busy);
		smp_mb__after_atomic();	/* see above */
	}
}

/* kpool_put_rcu() has checked the object. The put must not do that again. */
static void put_ready(struct kp_pool *pool, void *obj)
{
	if (unlikely(READ_ONCE(pool->instruments)))
		kp_put_checked(pool, obj);
	else
		kpool_put(&pool->kpool, obj);
}

/* Has the callback left objects to the worker? If so, the caller sees them. */
bool kp_rcu_left(const struct kp_pool *pool)
{
	/* Pairs with the release in rcu_done(). */
	return pool->rcu_puts && smp_load_acquire(&pool->rcu_puts->left);
}

/**
 * kp_rcu_put() - put some objects whose grace period is over
 * @pool: the pool, which has KPOOL_RCU
 *
 * Only one caller at a time finds objects: RCU's callback, and then the worker if the callback
 * asked for it. busy stays set until the last of these objects is taken out of the list.
 *
 * Context: as kp_rcu_start(), or put_work, for which pool_release() waits. After the last put the
 * pool may be at its end.
 * Return: whether there are more.
 */
bool kp_rcu_put(struct kp_pool *pool)
{
	struct kp_rcu_puts *puts = pool->rcu_puts;
	void *objs[KP_PUT_BATCH];
	unsigned int n;
	bool more;

	n = kp_list_take(pool, &puts->ready, objs, ARRAY_SIZE(objs));
	if (!n)
		return false;
	more = !kp_list_empty(&puts->ready);
	if (!more) {
		WRITE_ONCE(puts->left, false);
		clear_bit_unlock(0, &puts->busy);
		smp_mb__after_atomic();	/* see kp_rcu_start() */
		kp_rcu_start(pool);
	}
	/* In the order of arrival: a get takes the latest object first, which is the warmest. */
	while (n--)
		put_ready(pool, objs[n]);
	return more;
}

/* The grace period is over: no reader has these objects. */
static void rcu_done(struct rcu_head *rcu)
{
	struct kp_rcu_puts *puts = container_of(rcu, struct kp_rcu_puts, rcu);
	struct kp_pool *pool = puts->pool;

	puts->ready = puts->waiting;
	if (!kp_puts_wipe_too_much(pool) && !kp_rcu_put(pool))
		return;
	/* From now on only the worker takes from the list. Pairs with kp_rcu_left(). */
	smp_store_release(&puts->left, true);
	kp_queue_puts(pool);
}

/**
 * kp_rcu_sync() - wait until all objects that wait for a grace period were put
 * @pool: the pool
 *
 * Waits for nothing if kpool_put_rcu() was never called.
 *
 * Context: process context, sleeps.
 */
void kp_rcu_sync(struct kp_pool *pool)
{
	struct kp_rcu_puts *puts = pool->rcu_puts;
	bool waits;

	/* kpool_put_rcu() sets used first. So the caller sees it for all puts that came before. */
	if (!puts || !READ_ONCE(puts->used))
		return;
	do {
		/*
		 * If no object waits now, the callback or the worker has the last objects in its
		 * hands.
		 */
		waits = test_bit(0, &puts->busy) || !kp_list_empty(&puts->next);
		kp_irq_work_sync(pool);
		/* Waits for a CPU between kp_list_take_all() and call_rcu(). */
		synchronize_rcu();
		rcu_barrier();
		flush_work(&pool->put_work);
	} while (waits);
}
EXPORT_SYMBOL_FOR_TESTS(kp_rcu_sync);

void kpool_put_rcu(struct kpool *kpool, void *obj)
{
	struct kp_pool *pool = to_pool(kpool);
	struct kp_rcu_puts *puts;

	if (IS_ERR_OR_NULL(obj) || __kpool_is_none(kpool, __func__))
		return;
	puts = pool->rcu_puts;
	if (unlikely(!puts)) {
		pr_err_ratelimited("pool %s: no KPOOL_RCU, so %pS cannot put an object after a grace period\n",
				   pool->name, kp_consumer());
		return;
	}
	if (unlikely(READ_ONCE(pool->instruments)) && !kp_tell_put(pool, obj))
		return;
	preempt_disable();
	if (unlikely(!READ_ONCE(puts->used)))
		WRITE_ONCE(puts->used, true);
	if (!kp_list_add(pool, &puts->next, obj))
		goto out;
	/* call_rcu() cannot be called in NMI or under the scheduler's locks. */
	if (kp_is_restricted(pool))
		irq_work_queue(&pool->irq_work);
	else
		kp_rcu_start(pool);
out:
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kpool_put_rcu);

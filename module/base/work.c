// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that a put or a failed get leaves for later. If it runs in NMI or under the scheduler's
 * locks, it leaves work to the irq_work. If it may not call an allocator or may not sleep, it
 * leaves work to the worker. Puts that are too many for an interrupt go to a work of their own, so
 * that they do not wait for callbacks that sleep. policy/worker.c has the functions of all three.
 *
 * Objects wait in lock-free lists, see base/link.c. Their references keep the pool. Code
 * that links an object and then queues the work does both with preemption off. The pool is freed a
 * grace period after its last object, so it still exists when the work is queued.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "base/export.h"
#include "base/link.h"
#include "base/wipe.h"
#include "base/work.h"
#include "pool.h"

/*
 * kpool_wq is for all work that calls no callback of a consumer that may sleep: the ends of pools,
 * ageing, pool->work. kpool_callback_wq is for callbacks. So a callback that hangs does not keep
 * kpool's own work from running. Tasks that reclaim memory may wait for both.
 */
struct workqueue_struct *kpool_wq;
EXPORT_SYMBOL_FOR_TESTS(kpool_wq);
struct workqueue_struct *kpool_callback_wq;
EXPORT_SYMBOL_FOR_TESTS(kpool_callback_wq);

int kp_work_init(void)
{
	kpool_wq = alloc_workqueue("kpool", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kpool_wq)
		return -ENOMEM;
	kpool_callback_wq = alloc_workqueue("kpool_callback", WQ_UNBOUND | WQ_MEM_RECLAIM,
					    WQ_MAX_ACTIVE);
	if (kpool_callback_wq)
		return 0;
	destroy_workqueue(kpool_wq);
	return -ENOMEM;
}

void kp_work_exit(void)
{
	destroy_workqueue(kpool_callback_wq);
	destroy_workqueue(kpool_wq);
}

/**
 * kp_defer() - leave the rest of a put to the irq_work
 * @pool: the pool
 * @list: pool->deferred_puts or pool->deferred_inserts
 * @obj: the object
 *
 * Context: any with preemption off, NMI too.
 */
void kp_defer(struct kp_pool *pool, struct kp_list *list, void *obj)
{
	if (!kp_list_add(pool, list, obj))
		return;
	atomic_long_inc(&pool->deferred);
	irq_work_queue(&pool->irq_work);
}

/* kp_kick() for a context that may queue only an irq_work. */
void kp_defer_kick(struct kp_pool *pool)
{
	set_bit(POOL_TODO_DRAIN, &pool->todo);
	irq_work_queue(&pool->irq_work);
}

/**
 * kp_queue_todo() - have the worker do something for a pool
 * @pool: the pool; the caller ensures that it stays
 * @todo: one of POOL_TODO_...
 *
 * Context: any, NMI too.
 */
void kp_queue_todo(struct kp_pool *pool, unsigned int todo)
{
	if (!test_and_set_bit(todo, &pool->todo))
		irq_work_queue(&pool->irq_work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_queue_todo);

/**
 * kp_queue_refill() - have the worker build some objects for gets that cannot build
 * @pool: the pool; the caller ensures that it stays
 *
 * Context: any, NMI too.
 */
void kp_queue_refill(struct kp_pool *pool)
{
	if (READ_ONCE(pool->gate) != GATE_SHUT)
		kp_queue_todo(pool, POOL_TODO_REFILL);
}

/* Do as many puts as an interrupt may finish wipe more than an interrupt may? */
bool kp_puts_wipe_too_much(const struct kp_pool *pool)
{
	return (u64)KP_PUT_BATCH * kp_put_wipes(pool) > KP_WIPE_AT_ONCE;
}

/*
 * Has a worker finish the puts that are too many for an interrupt. Context: any that is not
 * restricted; an object in the lists keeps the pool.
 */
void kp_queue_puts(struct kp_pool *pool)
{
	queue_work(kpool_wq, &pool->put_work);
}

/**
 * kp_irq_work_sync() - wait for the irq_work, if it is queued or runs
 * @pool: the pool
 *
 * Only one task at a time waits: on PREEMPT_RT irq_work_sync() has room for one sleeping task, and
 * forgets an earlier one. There it also waits for a grace period, even if the irq_work was never
 * queued.
 *
 * Context: process context, sleeps.
 */
void kp_irq_work_sync(struct kp_pool *pool)
{
	if (!irq_work_is_busy(&pool->irq_work)) {
		smp_mb();	/* pairs with the barrier in irq_work_single() */
		return;
	}
	mutex_lock(&pool->sync_lock);
	irq_work_sync(&pool->irq_work);
	mutex_unlock(&pool->sync_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_irq_work_sync);

/**
 * kp_workers_init() - give a pool its workers
 * @pool: the pool
 * @n: how many
 * @func: the function of each
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_workers_init(struct kp_pool *pool, unsigned int n, work_func_t func)
{
	struct kp_workers *workers = kzalloc(struct_size(workers, at, n), GFP_KERNEL);
	unsigned int i;

	if (!workers)
		return -ENOMEM;
	mutex_init(&workers->lock);
	workers->n = n;
	for (i = 0; i < n; i++) {
		INIT_WORK(&workers->at[i].work, func);
		workers->at[i].pool = pool;
	}
	pool->workers = workers;
	return 0;
}

/* Waits for the workers. Context: process context; nobody starts a worker any more. */
void kp_workers_exit(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->workers->n; i++)
		cancel_work_sync(&pool->workers->at[i].work);
	kfree(pool->workers);
}

/**
 * kp_defer_start() - hand over to the workers what was deferred so far
 * @pool: the pool
 *
 * Waits for the irq_work, put_work and work of the pool. None of them calls a callback that may
 * sleep.
 *
 * Context: process context, sleeps.
 */
void kp_defer_start(struct kp_pool *pool)
{
	kp_irq_work_sync(pool);
	flush_work(&pool->put_work);
	flush_work(&pool->work);
}

/*
 * At least so many objects will have been torn down when all that are closing now are. A teardown
 * that ends during this function is counted twice.
 */
static s64 teardowns_due(struct kp_pool *pool)
{
	unsigned long closing = kp_closing(pool);

	smp_rmb();	/* pairs with the barrier of existing in teardown_some() */
	return atomic64_read(&pool->destroyed) + closing;
}

static bool teardowns_done(struct kp_pool *pool, s64 due)
{
	if (atomic64_read(&pool->destroyed) < due)
		return false;
	smp_rmb();	/* pairs with the barrier in teardown_some() */
	return !atomic_long_read(&pool->leaving);
}

static bool builds_done(struct kp_pool *pool)
{
	struct kp_workers *workers = pool->workers;

	return !READ_ONCE(workers->building) && !READ_ONCE(workers->refill) &&
	       !READ_ONCE(workers->replenish);
}

/* No worker has a job. So all jobs that were there before kp_defer_start() are done. */
static bool are_idle(struct kp_pool *pool)
{
	return !READ_ONCE(pool->workers->busy);
}

/**
 * kp_workers_sync() - wait until no worker has a job
 * @pool: the pool, which is not live; so there is an end to the jobs
 *
 * Context: process context, sleeps.
 */
void kp_workers_sync(struct kp_pool *pool)
{
	kp_defer_start(pool);
	wait_var_event(&pool->destroyed, are_idle(pool));
}

/**
 * kp_defer_sync() - wait until all work that was deferred so far is done
 * @pool: the pool
 *
 * While other objects come to be torn down, this waits for as many teardowns as were due at the
 * call, and until no worker builds.
 *
 * Context: process context, sleeps.
 */
void kp_defer_sync(struct kp_pool *pool)
{
	s64 due;

	kp_defer_start(pool);
	due = teardowns_due(pool);
	wait_var_event(&pool->destroyed,
		       are_idle(pool) || (teardowns_done(pool, due) && builds_done(pool)));
}
EXPORT_SYMBOL_FOR_TESTS(kp_defer_sync);

/**
 * kp_defer_sync_killable() - kp_defer_sync() that a fatal signal ends
 * @pool: the pool
 * @builds: wait until no worker builds, too
 *
 * Context: process context, sleeps.
 */
void kp_defer_sync_killable(struct kp_pool *pool, bool builds)
{
	s64 due;

	kp_defer_start(pool);
	due = teardowns_due(pool);
	wait_var_event_killable(&pool->destroyed,
				are_idle(pool) || (teardowns_done(pool, due) &&
						   (!builds || builds_done(pool))));
}

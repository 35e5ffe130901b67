// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a put, or a get that found nothing, leaves for later: because it ran in
 * NMI or under scheduler locks (the irq_work), or where no allocator may be
 * called or nobody may sleep (the worker).
 *
 * Objects wait in lock-free lists, linked through kp_link(). Their references
 * keep the pool; whoever links one and then queues the work does both with
 * preemption off, so that the pool, freed a grace period after its last
 * object, is still there to be queued for.
 */
#include "base/export.h"
#include "base/link.h"
#include "base/work.h"
#include "pool.h"

/*
 * Teardowns and the end of pools, and, apart because gets wait for it, what is
 * built in a worker. Both may be waited for while memory is reclaimed.
 */
struct workqueue_struct *kpool_wq;
EXPORT_SYMBOL_FOR_TESTS(kpool_wq);
struct workqueue_struct *kpool_build_wq;

int kp_work_init(void)
{
	kpool_wq = alloc_workqueue("kpool", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kpool_wq)
		return -ENOMEM;
	kpool_build_wq = alloc_workqueue("kpool_build", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (kpool_build_wq)
		return 0;
	destroy_workqueue(kpool_wq);
	return -ENOMEM;
}

void kp_work_exit(void)
{
	destroy_workqueue(kpool_build_wq);
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
void kp_defer(struct kp_pool *pool, struct llist_head *list, void *obj)
{
	atomic_long_inc(&pool->deferred);
	llist_add(kp_link(pool, obj), list);
	irq_work_queue(&pool->irq_work);
}

/* kp_kick() where nothing may be queued but an irq_work. */
void kp_defer_kick(struct kp_pool *pool)
{
	set_bit(POOL_TODO_DRAIN, &pool->todo);
	irq_work_queue(&pool->irq_work);
}

/**
 * kp_queue_todo() - have a worker do something for a pool
 * @pool: the pool, which the caller keeps from going
 * @todo: what
 *
 * Context: any, NMI too.
 */
void kp_queue_todo(struct kp_pool *pool, unsigned int todo)
{
	if (!test_and_set_bit(todo, &pool->todo))
		irq_work_queue(&pool->irq_work);
}

/**
 * kp_queue_refill() - have a worker build some objects for gets that cannot
 * @pool: the pool, which the caller keeps from going
 *
 * Context: any, NMI too.
 */
void kp_queue_refill(struct kp_pool *pool)
{
	if (READ_ONCE(pool->gate) != GATE_SHUT)
		kp_queue_todo(pool, POOL_TODO_REFILL);
}

/**
 * kp_irq_work_sync() - wait for the irq_work, if it is queued or at work
 * @pool: the pool
 *
 * One at a time: on PREEMPT_RT irq_work_sync() has room for one who sleeps, and forgets
 * the one before.
 *
 * Context: process context, sleeps.
 */
void kp_irq_work_sync(struct kp_pool *pool)
{
	mutex_lock(&pool->sync_lock);
	irq_work_sync(&pool->irq_work);
	mutex_unlock(&pool->sync_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_irq_work_sync);

/**
 * kp_defer_sync() - see all through that was put off so far
 * @pool: the pool
 *
 * Context: process context, sleeps.
 */
void kp_defer_sync(struct kp_pool *pool)
{
	kp_irq_work_sync(pool);
	flush_work(&pool->work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_defer_sync);

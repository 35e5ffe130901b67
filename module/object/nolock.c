// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds for gets that find no object, and may wait for no lock: in NMI, in pools with
 * KPOOL_ANYCTX, and on PREEMPT_RT in atomic context. Newer kernels can give memory there. All that
 * takes a lock is left to the pool's worker.
 */
#include <linux/atomic.h>
#include <linux/preempt.h>

#include "base/fault.h"
#include "base/link.h"
#include "base/ref.h"
#include "base/trace.h"
#include "base/work.h"
#include "object/debug.h"
#include "object/due.h"
#include "object/nolock.h"
#include "object/object.h"
#include "pool.h"
#include "store/memory.h"
#include "store/slots.h"
#include "store/waitlist.h"

/* What a build cannot do without a lock, or what the consumer wants from each piece of memory. */
#define NEEDS_LOCKS	(KPOOL_OWN_CACHE | KPOOL_SLEEPING | KPOOL_BUILD_IN_WORKER | \
			 KPOOL_ACCOUNT | KPOOL_ACCOUNT_GETTER)

static bool may_build(const struct kp_pool *pool)
{
	const struct kp_waitlist *waitlist = pool->waitlist;

	if (pool->ops.ctor || pool->has_birth || pool->zone || pool->flags & NEEDS_LOCKS ||
	    kp_is_debugged(pool) || READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return false;
	/* A hint: kp_slots_try_take() decides. */
	return !waitlist || READ_ONCE(waitlist->slots) < READ_ONCE(waitlist->max);
}

/* Makes an object of memory. Context: preemption off. Returns false if it cannot become one. */
static bool build(struct kp_pool *pool, void *obj)
{
	/* Before the slot, as in kp_build(). */
	atomic_long_inc(&pool->building);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE || kp_fail(pool, KP_FAIL_BUILD) ||
	    !kp_slots_try_take(pool)) {
		atomic_long_dec(&pool->building);
		return false;
	}
	kp_count_built(pool, &obj, 1);
	atomic_long_dec(&pool->building);
	atomic_long_inc(&pool->built_nolock);
	trace_kpool_build(pool, 1, 0);
	return true;
}

/**
 * kp_build_nolock() - build an object where code may wait for no lock
 * @pool: the pool
 *
 * Only memory makes such an object: a pool with a constructor, a lifetime or one of NEEDS_LOCKS has
 * none.
 *
 * Context: any, NMI too.
 * Return: the object, or NULL.
 */
void *kp_build_nolock(struct kp_pool *pool)
{
	void *obj = may_build(pool) ? kp_memory_alloc_nolock(pool) : NULL;

	if (!obj)
		return NULL;
	/* As in kp_defer(): the pool's memory stays until the irq_work is queued. */
	preempt_disable();
	atomic_inc(&pool->active);
	smp_mb__after_atomic();	/* as in kp_enter() */
	if (!build(pool, obj)) {
		kp_list_add_dead(pool, &pool->unbuilt, obj);
		obj = NULL;
	}
	/* kp_leave() takes a lock to wake the task that destroys the pool. The worker does that. */
	atomic_dec(&pool->active);
	/* The full barrier pairs with that of test_and_clear_bit() in defer_worker(). */
	kp_queue_todo(pool, POOL_TODO_NOLOCK);
	preempt_enable();
	return obj;
}

/* Frees memory that became no object. Context: the pool's work, or nobody uses the pool. */
void kp_free_unbuilt(struct kp_pool *pool)
{
	void *mem;

	while (kp_list_take_dead(pool, &pool->unbuilt, &mem, 1))
		kp_memory_free(pool, &mem, 1);
}

/* Does what kp_build_nolock() has left. Context: the pool's work. */
void kp_nolock_finish(struct kp_pool *pool)
{
	kp_free_unbuilt(pool);
	/* This, or kp_leave(), also wakes a task that waits for active. */
	if (!kp_enter(pool))
		return;
	kp_age_built(pool);
	kp_age_soon(pool);
	kp_leave(pool);
}

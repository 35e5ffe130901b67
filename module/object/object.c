// SPDX-License-Identifier: GPL-2.0-only
/*
 * How an object is built, and how it is torn down: backing memory, ctor and dtor, counters.
 * store/memory.c has the backing memory, kp_reserve_keep() in store/waitlist.c decides which
 * objects the reserve keeps.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/wait_bit.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/gone.h"
#include "base/link.h"
#include "base/ref.h"
#include "base/trace.h"
#include "base/wipe.h"
#include "base/work.h"
#include "object/debug.h"
#include "object/due.h"
#include "object/object.h"
#include "pool.h"
#include "store/account.h"
#include "store/census.h"
#include "store/expired.h"
#include "store/memory.h"
#include "store/provider.h"
#include "store/reserve_list.h"
#include "store/slots.h"
#include "store/waitlist.h"

/*
 * Uses the memory that the reserve has kept first. A fresh object has no trace of an earlier one if
 * the kernel promises that.
 */
static unsigned int backing_alloc(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int i, kept = kp_reserve_take_memory(pool, objs, n);

	for (i = 0; i < kept && want_init_on_alloc(gfp); i++)
		memset(objs[i], 0, pool->size);
	if (kept == n || kp_fail(pool, KP_FAIL_BUILD))
		return kept;
	return kept + kp_memory_alloc(pool, gfp, objs + kept, n - kept);
}

static void backing_free(struct kp_pool *pool, void **objs, unsigned int n)
{
	kp_memory_free(pool, objs, kp_reserve_keep_memory(pool, objs, n));
}

/**
 * set_births() - set the birth of objects that were just built
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 *
 * Births are set too early by up to a part of the lifetime. So objects that were built together do
 * not expire together.
 *
 * Context: as kp_build().
 */
static void set_births(struct kp_pool *pool, void **objs, unsigned int n)
{
	long lifetime = READ_ONCE(pool->lifetime);
	u32 spread = lifetime == LIFETIME_ANY ? 0 : lifetime / LIFE_SPREAD;
	unsigned int i;

	for (i = 0; pool->has_birth && i < n; i++)
		*kp_birth(pool, objs[i]) = kp_now() -
			reciprocal_scale(kp_chance(), spread + 1);
}

static int construct_one(struct kp_pool *pool, gfp_t gfp, void *obj)
{
	int node = pool->node == NUMA_NO_NODE ? numa_mem_id() : pool->node;
	int err = kp_fail(pool, KP_FAIL_CTOR) ?: pool->ops.ctor(obj, pool->ctx, gfp, node);

	/* A get could not tell such a value from an object. */
	if (unlikely(err > 0 || err < -MAX_ERRNO)) {
		pr_err_ratelimited("pool %s: ctor returned %d, which is no error\n", pool->name,
				   err);
		err = -EINVAL;
	}
	if (err)
		atomic_long_inc(&pool->ctor_failures);
	return err;
}

/*
 * Tears down objects that were just built, because another object of the same build failed. They
 * count like any others, but never as in use. Until they are gone they count as on their way out.
 */
static void undo(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	atomic64_add(n, &pool->created);
	for (i = n; i-- && pool->ops.dtor; )
		pool->ops.dtor(objs[i], pool->ctx);
	kp_count_gone(pool, KP_UNDONE, n);
	smp_mb__before_atomic();	/* pairs with the barrier in read_lives() */
	atomic64_add(n, &pool->destroyed);
}

/*
 * kpool_destroy() waits for this function, so the pool's state is looked at before each ctor. What
 * a ctor allocates with __GFP_ACCOUNT is charged as the objects are.
 */
static int construct(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	struct mem_cgroup *before;
	unsigned int i;
	int err = 0;

	if (!pool->ops.ctor)
		return 0;
	before = kp_account_begin(pool->memcg);
	for (i = 0; i < n; i++) {
		if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
			err = -ESHUTDOWN;
		else
			err = construct_one(pool, gfp, objs[i]);
		if (err)
			break;
	}
	kp_account_end(pool->memcg, before);
	if (err && i)
		undo(pool, objs, i);
	return err;
}

/**
 * kp_count_built() - count objects that were just built
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 *
 * Context: any, NMI too.
 */
void kp_count_built(struct kp_pool *pool, void **objs, unsigned int n)
{
	refcount_add(n, &pool->refs);
	kp_census_add(pool, objs, n);
	/* Also without a reserve: kpool_retune() may set one later. */
	atomic_long_add(n, &pool->kept);
	/* pairs with the barriers in kpool_stats() and kp_closing() */
	smp_mb__before_atomic();
	atomic_long_add(n, &pool->existing);
	atomic64_add(n, &pool->created);
	smp_mb__after_atomic();	/* pairs with the barrier in look_end() */
}

/**
 * kp_build_here() - build objects in this task, all or none
 * @pool: the pool
 * @gfp: flags for memory allocation
 * @objs: array for the objects
 * @n: how many
 *
 * The slots of the objects stay with the caller.
 *
 * Context: as @gfp and the pool's ctor need; kp_may_allocate().
 * Return: 0; -ENOMEM, -ESHUTDOWN, or the error of ctor.
 */
int kp_build_here(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int got;
	int err = -ENOMEM;

	if (!kp_enter(pool))
		return -ESHUTDOWN;
	got = backing_alloc(pool, gfp, objs, n);
	if (got == n)
		err = construct(pool, gfp, objs, n);
	if (err) {
		backing_free(pool, objs, got);
		atomic_long_inc(&pool->build_failures);
	} else {
		set_births(pool, objs, n);
		kp_count_built(pool, objs, n);
		if (unlikely(kp_is_debugged(pool)))
			kp_debug_built(pool, objs, n, gfp);
		kp_age_built(pool);
		kp_age_soon(pool);
	}
	trace_kpool_build(pool, n, err);
	kp_leave(pool);
	return err;
}

static void teardown_some(struct kp_pool *pool, void **objs, unsigned int n)
{
	bool calls = pool->ops.dtor || pool->memory_may_go, orphan = false;
	unsigned int i;

	if (unlikely(smp_load_acquire(&pool->debug)))	/* pairs with init() */
		kp_debug_teardown(pool, objs, n);
	if (calls) {
		atomic_inc(&pool->active);
		smp_mb__after_atomic();	/* pairs with the barrier in orphan() */
		orphan = READ_ONCE(pool->orphan);
	}
	for (i = 0; i < n && pool->ops.dtor && !orphan; i++)
		pool->ops.dtor(objs[i], pool->ctx);
	if (pool->wipe_size)
		for (i = 0; i < n; i++)
			kp_wipe(objs[i] + pool->wipe_offset, pool->wipe_size, false);
	if (orphan && pool->memory_may_go)
		kp_provider_lost(pool, n);
	else
		backing_free(pool, objs, n);
	if (calls)
		kp_leave(pool);

	kp_age_soon(pool);
	atomic_long_add(n, &pool->leaving);
	smp_wmb();	/* pairs with the barriers in teardowns_done() and read_lives() */
	atomic64_add(n, &pool->destroyed);
	/*
	 * wake_up_var() uses only the address. The woken task may end the pool, but our references
	 * keep it until kp_unref(). The full barriers of the subtractions pair with those in
	 * base/work.c, and come before wake_up_var() looks for tasks.
	 */
	if (!atomic_long_sub_return(n, &pool->existing)) {
		/* The barrier of the subtraction pairs with that in detach(). */
		if (READ_ONCE(pool->state) == KPOOL_STATE_DETACHED)
			kp_census_doubt(pool);
		wake_up_var(&pool->existing);
	}
	/* Only now, as the next object may be built at once. */
	kp_slots_give(pool, n);
	atomic_long_sub_return(n, &pool->leaving);
	wake_up_var(&pool->destroyed);
	kp_unref(pool, n);
}

/**
 * kp_teardown_all() - tear down objects that the reserve does not keep
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects, after kp_census_take()
 * @n: how many
 *
 * A get may wait for the slot of an object. So in a pool with a dtor each object gives its slot up
 * before the next one is torn down.
 *
 * Context: kp_may_allocate(). Process context if the pool's dtor may sleep or its objects are
 * vmalloc() memory; see kp_discard().
 */
void kp_teardown_all(struct kp_pool *pool, void **objs, unsigned int n)
{
	/* The last teardown may end the pool. */
	unsigned int step = pool->waitlist && pool->ops.dtor ? 1 : n, done;

	for (done = 0; done < n; done += step)
		teardown_some(pool, objs + done, step);
}

/**
 * kp_teardown() - tear objects down and free their memory
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why
 *
 * The reserve list keeps the objects that the reserve needs.
 *
 * Context: as kp_teardown_all().
 * Return: how many objects were torn down.
 */
unsigned int kp_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	n = kp_census_take(pool, objs, kp_reserve_keep(pool, objs, n));
	if (n)
		kp_count_gone(pool, cause, n);
	kp_teardown_all(pool, objs, n);
	return n;
}

/* Can this context tear down objects of the pool? Context: any that is not restricted. */
bool kp_may_teardown(const struct kp_pool *pool)
{
	return !(pool->flags & KPOOL_SLEEPING) &&
	       !(pool->memory->flags & KPOOL_MEMORY_FREE_SLEEPS) && kp_may_allocate(pool);
}

/* Can this context tear down and wipe n objects of the pool? As kp_may_teardown(). */
static bool may_teardown(const struct kp_pool *pool, unsigned int n)
{
	return kp_may_teardown(pool) && kp_may_wipe((u64)n * pool->wipe_size);
}

/**
 * kp_discard() - tear down objects, or have a worker do it
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why
 *
 * If the teardown could sleep here, or would wipe too many bytes, a worker does it. So in a pool
 * with %KPOOL_SLEEPING this waits for no callback. The reserve list keeps the objects that the
 * reserve needs.
 *
 * Context: any that is not restricted.
 * Return: how many objects were torn down, or are to be torn down.
 */
unsigned int kp_discard(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	if (!n)
		return 0;
	if (may_teardown(pool, n))
		return kp_teardown(pool, objs, n, cause);
	return kp_defer_teardown(pool, objs, n, cause);
}

/**
 * kp_discard_expired() - tear down expired objects
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 * @cause: why: one of the causes from KP_IDLE_AGE on
 *
 * As kp_discard(), except that the reserve keeps none of the objects. The pool may be gone
 * afterwards, unless the caller keeps it.
 *
 * Context: any that is not restricted.
 */
void kp_discard_expired(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause)
{
	if (!n)
		return;
	if (!may_teardown(pool, n)) {
		kp_defer_expired(pool, objs, n, cause);
		return;
	}
	kp_unkeep(pool, n);
	n = kp_census_take(pool, objs, n);
	kp_count_gone(pool, cause, n);
	kp_teardown_all(pool, objs, n);
}

/**
 * kp_defer_teardown() - have a worker tear objects down
 * @pool: the pool, which may be gone afterwards unless the caller keeps it
 * @objs: the objects
 * @n: how many
 * @cause: why
 *
 * The reserve list keeps the objects that the reserve needs.
 *
 * Context: any that is not restricted.
 * Return: how many objects are to be torn down.
 */
unsigned int kp_defer_teardown(struct kp_pool *pool, void **objs, unsigned int n,
			       enum kp_cause cause)
{
	preempt_disable();
	n = kp_reserve_keep(pool, objs, n);
	if (n)
		kp_queue_teardown(pool, objs, n, cause);
	preempt_enable();
	return n;
}

/**
 * kp_discard_list() - have a worker tear down the objects of a list
 * @pool: the pool; the caller keeps it
 * @list: a list of the caller's own, which becomes empty; the reserve does not keep the objects
 * @cause: why
 *
 * Context: process context, sleeps.
 */
void kp_discard_list(struct kp_pool *pool, struct kp_list *list, enum kp_cause cause)
{
	void *objs[KP_TEARDOWN_BATCH];
	unsigned int n;

	while ((n = kp_list_take(pool, list, objs, KP_TEARDOWN_BATCH))) {
		preempt_disable();
		kp_queue_teardown(pool, objs, n, cause);
		preempt_enable();
		cond_resched();
	}
}

/**
 * kp_take_closing() - take objects off the teardown list
 * @pool: the pool
 * @objs: array for the objects
 * @most: take no more objects than this
 *
 * Context: process context; the caller holds the lock of pool->workers.
 * Return: how many objects are in @objs.
 */
unsigned int kp_take_closing(struct kp_pool *pool, void **objs, unsigned int most)
{
	struct kp_workers *workers = pool->workers;

	lockdep_assert_held(&workers->lock);
	/* New objects wait until the objects that came before them are taken. */
	if (kp_list_empty(&workers->teardowns))
		workers->teardowns = kp_list_take_all(&pool->teardown_list);
	return kp_list_take_dead(pool, &workers->teardowns, objs, most);
}

/**
 * kp_reap() - tear down objects on the teardown list, for a get that needs their slots
 * @pool: the pool
 * @gfp: the flags of the get
 * @n: how many slots the get needs
 *
 * Does nothing in a pool that promises teardown by a worker: the dtor may sleep, or need locks that
 * the caller holds. Does nothing in atomic context either.
 *
 * Context: any that is not restricted.
 * Return: whether the list had objects.
 */
bool kp_reap(struct kp_pool *pool, gfp_t gfp, unsigned int n)
{
	void *objs[KP_TEARDOWN_BATCH];

	if (!kp_closing(pool) || !kp_may_teardown(pool) || !gfpflags_allow_blocking(gfp))
		return false;
	mutex_lock(&pool->workers->lock);
	/* Under the lock, so that start_workers() sees the objects that this get leaves. */
	kp_unpack_stale(pool);
	n = kp_take_closing(pool, objs, min(n, KP_TEARDOWN_BATCH));
	mutex_unlock(&pool->workers->lock);
	kp_teardown_all(pool, objs, n);
	return n;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building objects, in this task or, with KPOOL_BUILD_IN_WORKER, in a worker. object/object.c
 * builds the single object.
 *
 * A get that waits for a worker can leave: at its deadline, or after a signal. Then the objects go
 * to the pool. So a struct kp_build_work is on the heap. It belongs to the get or to the worker,
 * whichever ends last.
 */
#include <linux/atomic.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "base/link.h"
#include "base/ref.h"
#include "base/work.h"
#include "object/build.h"
#include "object/keep.h"
#include "object/object.h"
#include "pool.h"
#include "store/slots.h"
#include "store/waitlist.h"

/*
 * BUILDING	the get waits
 * BUILT	the worker is through: the get takes the results, and frees the struct
 * LEFT		the get has left: the worker gives the objects to the pool, and frees the struct
 * BUILDING becomes one of the others by cmpxchg(). Its barriers pair with each other: the get that
 * sees BUILT sees the results.
 */
enum kp_build_state { BUILDING, BUILT, LEFT };

struct kp_build_work {
	struct work_struct work;
	struct kp_pool *pool;
	gfp_t gfp;
	unsigned int n;
	atomic_t state;			/* of enum kp_build_state */
	/* The results. */
	struct kp_list built;
	int err;
};

/**
 * kp_build_reserve() - guarantee the builds of a pool with a reserve
 * @pool: the pool, which has its workers
 *
 * A pool with KPOOL_BUILD_IN_WORKER gets a workqueue with a rescuer of its own: ctors of other
 * pools may be slow, or wait for memory. The pool also gets the memory for one build.
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_build_reserve(struct kp_pool *pool)
{
	struct kp_build_work *spare;

	if (!(pool->flags & KPOOL_BUILD_IN_WORKER))
		return 0;
	spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare)
		return -ENOMEM;
	pool->build_wq = alloc_workqueue("kpool-%s", WQ_UNBOUND | WQ_MEM_RECLAIM, 0, pool->name);
	if (!pool->build_wq) {
		kfree(spare);
		return -ENOMEM;
	}
	pool->workers->spare = spare;
	return 0;
}

/* Undoes kp_build_reserve(). Context: process context; nobody uses the pool any more. */
void kp_build_exit(struct kp_pool *pool)
{
	if (pool->build_wq)
		destroy_workqueue(pool->build_wq);
	kfree(pool->workers->spare);
	pool->workers->spare = NULL;
}

static struct kp_build_work *alloc_work(struct kp_pool *pool, gfp_t gfp)
{
	struct kp_build_work *w = kmalloc(sizeof(*w), gfp | __GFP_NOWARN);

	/* See kp_build_reserve(). */
	return w ?: xchg(&pool->workers->spare, NULL);
}

static void free_work(struct kp_pool *pool, struct kp_build_work *w)
{
	if (!pool->build_wq || cmpxchg(&pool->workers->spare, NULL, w))
		kfree(w);
}

/* The get has left, so the objects go to the pool. */
static void keep_built(struct kp_build_work *w)
{
	void *obj;

	while (kp_list_take(w->pool, &w->built, &obj, 1))
		kp_keep_one(w->pool, obj);
}

/* The build failed, and a get gets all objects or none. */
static void undo_built(struct kp_build_work *w)
{
	void *obj;

	while (kp_list_take(w->pool, &w->built, &obj, 1))
		kp_teardown(w->pool, &obj, 1, KP_UNDONE);
}

/* Builds n objects one by one. Returns how many there are. Ends their count as building. */
static unsigned int build_each(struct kp_build_work *w)
{
	struct kp_pool *pool = w->pool;
	unsigned int i;
	void *obj;

	for (i = 0; i < w->n; i++) {
		/* A get that has left leaves the first object to a later get, and wants no more. */
		if (i && atomic_read(&w->state) == LEFT)
			break;
		w->err = kp_build_here(pool, w->gfp, &obj, 1);
		if (w->err)
			break;
		atomic_long_dec(&pool->building);
		kp_list_add(pool, &w->built, obj);
	}
	atomic_long_sub(w->n - i, &pool->building);
	return i;
}

static bool may_ask(struct kp_workers *workers)
{
	int n = atomic_read(&workers->asked);

	do {
		if (n >= (int)workers->n)
			return false;
	} while (!atomic_try_cmpxchg(&workers->asked, &n, n + 1));
	return true;
}

static void end_asking(struct kp_workers *workers)
{
	atomic_dec(&workers->asked);
	smp_mb__after_atomic();	/* wake_up_var() looks for tasks after the change */
	wake_up_var(&workers->asked);
}

static void build_worker(struct work_struct *work)
{
	struct kp_build_work *w = container_of(work, struct kp_build_work, work);
	struct kp_pool *pool = w->pool;
	unsigned int done = build_each(w);

	if (w->err)
		undo_built(w);
	if (done < w->n)
		kp_slots_give(pool, w->n - done);
	end_asking(pool->workers);
	if (atomic_cmpxchg(&w->state, BUILDING, BUILT) == BUILDING) {
		/*
		 * wake_up_var() uses only the address: the get may have freed the struct, and has
		 * called kp_leave().
		 */
		wake_up_var(&w->state);
	} else {
		keep_built(w);
		free_work(pool, w);
		kp_leave(pool);		/* the pool may be gone after this */
	}
}

/*
 * Waits until the condition holds. Returns 0, -ETIMEDOUT or -ERESTARTSYS. After an error the caller
 * leaves, unless it finds that the condition holds, and calls kp_wait_ended().
 */
#define wait_patiently(var, condition, patience)				\
({										\
	long __left = kp_time_left(patience);					\
										\
	might_sleep();								\
	__left = ___wait_var_event(var, ___wait_cond_timeout(condition),	\
				   (patience)->state, 0, __left,		\
				   __ret = schedule_timeout(__ret));		\
	__left > 0 ? 0 : (int)__left ?: -ETIMEDOUT;				\
})

/*
 * Gets have at most as many builds under way as the pool may have workers. So a ctor that hangs
 * does not collect workers, even if all gets leave.
 */
static int ask(struct kp_pool *pool, const struct kp_patience *patience)
{
	struct kp_workers *workers = pool->workers;
	int err;

	if (!patience) {	/* a pool that is being created */
		wait_var_event(&workers->asked, may_ask(workers));
		return 0;
	}
	err = wait_patiently(&workers->asked, may_ask(workers), patience);
	if (err)
		kp_wait_ended(patience);
	return err;
}

/* Waits for the worker. After an error the worker has the struct. */
static int wait_for_worker(struct kp_build_work *w, const struct kp_patience *patience)
{
	int err;

	if (!patience) {
		wait_var_event(&w->state, atomic_read_acquire(&w->state) == BUILT);
		return 0;
	}
	err = wait_patiently(&w->state, atomic_read_acquire(&w->state) == BUILT, patience);
	if (!err)
		return 0;
	if (atomic_cmpxchg(&w->state, BUILDING, LEFT) == BUILDING) {
		kp_wait_ended(patience);
		return err;
	}
	/* The worker came first: the objects are there. Pairs with the worker's release. */
	smp_acquire__after_ctrl_dep();
	return 0;
}

static int take_results(struct kp_build_work *w, void **objs)
{
	struct kp_pool *pool = w->pool;
	int err = w->err;
	unsigned int got;

	if (!err) {
		got = kp_list_take(pool, &w->built, objs, w->n);
		/* A link was overwritten, and the log says so. Lost objects keep their slots. */
		if (got < w->n)
			err = -EIO;
		while (err && got)
			kp_keep_one(pool, objs[--got]);
	}
	free_work(pool, w);
	kp_leave(pool);
	return err;
}

static int build_in_worker(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
			   const struct kp_patience *patience)
{
	struct kp_build_work *w;
	int err;

	err = ask(pool, patience);
	if (err)
		goto give_slots;
	err = -ENOMEM;
	w = alloc_work(pool, gfp);
	if (!w)
		goto end_asking;
	/* The worker does not know the allocation scope of the caller, so gfp gets its flags. */
	*w = (struct kp_build_work){ .pool = pool, .gfp = current_gfp_context(gfp), .n = n };
	INIT_WORK(&w->work, build_worker);
	err = -ESHUTDOWN;
	if (!kp_enter(pool)) {	/* until the results are taken or kept */
		free_work(pool, w);
		goto end_asking;
	}
	queue_work(pool->build_wq ?: kpool_callback_wq, &w->work);
	return wait_for_worker(w, patience) ?: take_results(w, objs);

end_asking:
	end_asking(pool->workers);
give_slots:
	kp_slots_give(pool, n);
	atomic_long_sub(n, &pool->building);
	return err;
}

/**
 * kp_build() - build objects, all or none
 * @pool: the pool
 * @gfp: flags for memory allocation
 * @objs: array for the objects
 * @n: how many; in a pool with a wait list the caller has taken as many slots
 * @patience: how long to wait for a worker; NULL: until the objects are built
 *
 * After an error the caller has no slots any more. After -ETIMEDOUT and -ERESTARTSYS objects may
 * still be built, and go to the pool.
 *
 * Context: as @gfp and the pool's ctor need; kp_may_allocate().
 * Return: 0; -ENOMEM, -ESHUTDOWN, -ETIMEDOUT, -ERESTARTSYS, the error of ctor, or -EIO if objects
 * were lost because somebody wrote to them.
 */
int kp_build(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
	     const struct kp_patience *patience)
{
	int err;

	/* Also while the build waits for a worker: its slots are taken. */
	atomic_long_add(n, &pool->building);
	if (pool->flags & KPOOL_BUILD_IN_WORKER)
		return build_in_worker(pool, gfp, objs, n, patience);
	err = kp_build_here(pool, gfp, objs, n);
	if (err)
		kp_slots_give(pool, n);
	atomic_long_sub(n, &pool->building);
	return err;
}
